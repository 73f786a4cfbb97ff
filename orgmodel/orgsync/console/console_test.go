package console_test

import (
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"testing"
)

func TestX(t *testing.T) {
	err := console.WritePlan(t.Output(), &orgsync.Plan{Tenant: "x", Targets: []orgsync.TargetPlan{{Name: "t"}}}, console.PageOptions{})
	if err != nil {
		t.Fatal(err)
	}
}
