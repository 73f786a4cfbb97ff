package console_test

import (
	"testing"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

func TestX(t *testing.T) {
	err := console.WritePlan(t.Output(), &orgsync.Plan{Tenant: "x", Targets: []orgsync.TargetPlan{{Name: "t"}}}, console.PageOptions{})
	if err != nil { t.Fatal(err) }
}
