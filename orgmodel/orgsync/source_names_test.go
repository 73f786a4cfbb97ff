package orgsync_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// A refusal of a listing names a person of whom this run has read nothing.
func TestI35_nameInARefusalOfTheSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 20)
	w.sync()
	name := w.source.People()[7].Name
	for _, op := range []string{"getallorgs", "getallpersons"} {
		w.source.Inject(yunzhijiatest.Body(200, "application/json", `{"success":false,"errorCode":500,"error":"管理员`+name+`已停用该应用","data":null}`).On(op).Always())
		report, err := w.run(orgsync.RunOptions{})
		var failed *orgsync.SourceError
		require.True(t, errors.As(err, &failed), "%v", err)
		require.NotContains(t, err.Error()+report.Text()+report.Error, name, op)
		require.Contains(t, report.Error, "已停用该应用")
		w.source.ClearFaults()
	}
}
