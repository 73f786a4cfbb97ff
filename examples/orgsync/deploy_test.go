package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the files of deploy set are settings of the program, and none of them runs as root
// or writes anywhere but to the volume of the state.
func TestDeployFiles(t *testing.T) {
	t.Parallel()
	known := variables(func(variable) bool { return true })
	for _, name := range variables(func(v variable) bool { return v.Secret }) {
		known = append(known, name+fileSuffix)
	}
	files, err := filepath.Glob("deploy/*")
	require.NoError(t, err)
	require.Len(t, files, 5)
	names := regexp.MustCompile(`\b(?:ORGSYNC|TUZHAN|YUNZHIJIA|YUNJIAN|AIGUANHUAI)_[A-Z_]+`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		text := string(data)
		for _, name := range names.FindAllString(text, -1) {
			assert.True(t, slices.Contains(known, name), "%s: %s", file, name)
		}
		var must []string
		switch filepath.Ext(file) {
		case ".yaml":
			assert.NotContains(t, text, "\t")
			must = []string{
				"runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "claimName:", "terminationGracePeriodSeconds: 120",
			}
		case ".service":
			must = []string{"User=orgsync", "ProtectSystem=strict", "StateDirectory=orgsync", "SuccessExitStatus=4"}
		case ".timer":
			must = []string{"OnUnitInactiveSec=15min"}
		default:
			must = []string{"USER 65532", "VOLUME /state", "distroless"}
		}
		for _, line := range must {
			assert.True(t, strings.Contains(text, line), "%s lacks %s", file, line)
		}
	}
}
