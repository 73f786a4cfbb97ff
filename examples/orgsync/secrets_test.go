package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// secretFile puts a secret into a file.
func secretFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "canary-path")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// Every secret can come from a file, whatever white space an editor left around it.
func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	for name, value := range secrets() {
		delete(w.env, name)
		w.env[name+fileSuffix] = secretFile(t, "\ufeff \n"+value+"\r\n")
	}
	r := w.sync(t)
	assert.Equal(t, statusDone, r.status, r.stderr)
	w.assertInStep(t)
}

func TestSecretFilesThatAreWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ path, want string }{
		"missing":   {filepath.Join(t.TempDir(), "canary"), "cannot be read: no such file"},
		"directory": {t.TempDir(), "cannot be read"},
		"empty":     {secretFile(t, " \n"), "is empty"},
		"too large": {secretFile(t, strings.Repeat("canary", 20_000)), "is larger than 64 KiB"},
		"two lines": {secretFile(t, "canary\ncanary"), "more than one line"},
		"binary":    {secretFile(t, "canary\xff\x00"), "more than one line, or no text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, variable := range variables(func(v variable) bool { return v.Secret }) {
				env := map[string]string{variable + fileSuffix: test.path}
				var stdout, stderr bytes.Buffer
				verb := []string{"serve"}
				assert.Equal(t, statusUsage, run(t.Context(), verb, func(name string) string { return env[name] }, &stdout, &stderr))
				assert.Contains(t, stderr.String(), "orgsync: "+variable+fileSuffix+" names a file that ")
				assert.Contains(t, stderr.String(), test.want)
				assert.NotContains(t, stderr.String(), "canary")
				assert.Equal(t, 1, strings.Count(stderr.String(), variable), "said once: %s", stderr.String())

				env[variable] = "canary-value"
				stderr.Reset()
				assert.Equal(t, statusUsage, run(t.Context(), nil, func(name string) string { return env[name] }, &stdout, &stderr))
				assert.Contains(t, stderr.String(), "orgsync: "+variable+" is set beside "+variable+fileSuffix)
				assert.NotContains(t, stderr.String(), "canary")
			}
		})
	}
}

// The help and both READMEs of the program list what the program reads, and nothing else.
func TestSettingsAreListed(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	assert.Equal(t, statusDone, run(t.Context(), []string{"-help"}, func(string) string { return "" }, &stdout, &stderr))
	for _, name := range variables(func(variable) bool { return true }) {
		assert.Contains(t, stderr.String(), "  "+name)
	}
	var table strings.Builder
	tableOf(&table)
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	assert.Contains(t, string(readme), "<!-- settings -->\n"+table.String()+"\n<!-- /settings -->", "README.md is to hold:\n%s", table.String())

	// What the sources ask the environment for is in the table.
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, part := range strings.Split(string(text), `e.value("`)[1:] {
			name, _, _ := strings.Cut(part, `"`)
			assert.Contains(t, variables(func(variable) bool { return true }), name, file)
		}
	}
}
