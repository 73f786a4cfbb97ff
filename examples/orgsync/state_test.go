package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

func TestStateFile(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	path := w.env["ORGSYNC_STATE"]
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("this is something else\n", 1000)), 0o600))
	r := w.sync(t)
	assert.Equal(t, statusUsage, r.status)
	assert.Contains(t, r.stderr, "ORGSYNC_STATE cannot be opened")
	assert.Zero(t, w.source.Count(""))

	w.env["ORGSYNC_STATE"] = path + "/nowhere/state.db"
	r = w.sync(t)
	assert.Equal(t, statusUsage, r.status)
	assert.NotContains(t, r.stderr+r.stdout, "nowhere")

	w.env["ORGSYNC_STATE"] = path + "2"
	require.Equal(t, statusDone, w.sync(t).status)
	data, err := os.ReadFile(path + "2")
	require.NoError(t, err)
	w.assertSecrecy(t, string(data))
	require.NoError(t, os.WriteFile(path+"2", data[:len(data)/2], 0o600))
	assert.Equal(t, statusFailed, w.sync(t).status, "damaged")
	assert.Zero(t, w.source.Count(""))
}

// Another company at a target knows nothing of what this one was told.
func TestOtherCompanyBeginsAnew(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	require.Equal(t, statusDone, w.sync(t).status)
	other := aiguanhuaitest.NewServer(aiguanhuaitest.WithCorpID("corp-other"))
	defer other.Close()
	w.env["AIGUANHUAI_BASE_URL"], w.env["AIGUANHUAI_CORP_ID"] = other.URL(), "corp-other"
	require.Equal(t, statusDone, w.sync(t).status)
	assert.Len(t, other.People(), 20)
	assert.Zero(t, w.writes())
}

// The same company at another host is stopped: its state says what the other one holds.
func TestOtherDestination(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	require.Equal(t, statusDone, w.sync(t).status)
	fresh := aiguanhuaitest.NewServer()
	defer fresh.Close()
	w.env["AIGUANHUAI_BASE_URL"] = fresh.URL()
	name := "aiguanhuai/" + aiguanhuaitest.DefaultCorpID

	for _, flags := range [][]string{nil, {"-dry-run"}} {
		r := w.sync(t, flags...)
		assert.Equal(t, statusFailed, r.status)
		assert.Contains(t, r.report.Error, name+" is another destination")
		assert.Contains(t, r.stderr, "if that destination is meant: orgsync -adopt "+name+"\n")
		assert.Zero(t, w.source.Count("getallpersons")+w.writes(), "nothing was read or sent")
	}
	_, text := w.text(t)
	assert.Contains(t, text, "orgsync -adopt "+name+"\n")

	require.Equal(t, statusDone, w.sync(t, "-adopt", "aiguanhuai").status)
	assert.Len(t, fresh.People(), 20)
	require.Equal(t, statusDone, w.sync(t).status, "once is enough")
}

// Another team of the same targets is stopped too.
func TestOtherTenant(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	require.Equal(t, statusDone, w.sync(t).status)
	w.source.AddTeam("20002", "分公司")
	w.env["YUNZHIJIA_EID"] = "20002"
	r := w.sync(t)
	assert.Equal(t, statusFailed, r.status)
	for _, name := range []string{"aiguanhuai", "tuzhan", "yunjian"} {
		assert.Contains(t, r.stderr, "-adopt "+name)
	}
	assert.Zero(t, w.writes())
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	path := w.env[stateVariable] + ".key"
	require.Equal(t, statusDone, w.sync(t, "-dry-run").status)
	assert.NoFileExists(t, path, "a dry run makes nothing")

	require.NoError(t, os.WriteFile(path, nil, 0o600)) // a run that died while it made one
	require.Equal(t, statusDone, w.sync(t).status)
	key, err := os.ReadFile(path)
	require.NoError(t, err)
	digits := strings.TrimSpace(string(key))
	assert.Len(t, digits, 64)
	_, err = hex.DecodeString(digits)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	r := w.sync(t, "-full")
	require.Equal(t, statusDone, r.status)
	assert.Empty(t, r.report.Notes)
	assert.NotContains(t, r.stdout+r.stderr, digits)
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, key, again, "it stays the same")
}

// Without the sealed fields, neither 爱关怀 nor 云简 could be told that a person is gone.
func TestVanishedPersonIsDisabled(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 40)
	require.Equal(t, statusDone, w.sync(t).status)
	w.source.RemovePerson(person(7))
	r := w.sync(t, "-full")
	assert.Equal(t, statusDone, r.status, r.stdout)
	w.assertInStep(t)
}

// A key that is lost is not replaced silently: what it sealed would stay unreadable.
func TestKeyFileMissing(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 40)
	path := w.env[stateVariable] + ".key"
	require.Equal(t, statusDone, w.sync(t).status)
	require.NoError(t, os.Rename(path, path+".elsewhere"))

	w.source.RemovePerson(person(7))
	for _, flags := range [][]string{{"-dry-run", "-full"}, {"-full"}, nil} {
		r := w.sync(t, flags...)
		assert.Equal(t, statusFailed, r.status, "%v: the person who cannot be disabled is named", flags)
		assert.Contains(t, r.stdout, person(7))
		assert.NotEmpty(t, r.report.Notes)
		assert.Contains(t, r.stderr, "the key file is missing")
		assert.NoFileExists(t, path)
	}

	require.NoError(t, os.Rename(path+".elsewhere", path))
	r := w.sync(t, "-full")
	assert.Equal(t, statusDone, r.status, r.stdout)
	w.assertInStep(t)
}

// A key that is lost for good is given up when that is asked for.
func TestForgetSealed(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 40)
	path := w.env[stateVariable] + ".key"
	require.Equal(t, statusDone, w.sync(t).status)
	require.NoError(t, os.Remove(path))
	w.sync(t, "-forget-sealed", "-dry-run")
	assert.NoFileExists(t, path)

	r := w.sync(t, "-forget-sealed")
	require.Equal(t, statusDone, r.status, r.stdout+r.stderr)
	assert.FileExists(t, path)
	w.source.RemovePerson(person(7))
	r = w.sync(t, "-full")
	assert.Equal(t, statusDone, r.status, r.stdout)
	w.assertInStep(t)
}

// A state that was never sealed, that of an earlier version for instance, gets a key
// unasked.
func TestUnsealedStateIsSealed(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 40)
	set, err := readSettings(newEnvironment(w.get), newTerminal(&bytes.Buffer{}).logger)
	require.NoError(t, err)
	store, closeStore, err := openStore(set.state, false)
	require.NoError(t, err)
	engine, err := orgsync.New(orgsync.Config{Tenant: set.tenant, Source: set.source, Targets: set.targets, Store: store})
	require.NoError(t, err)
	_, err = engine.Run(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	closeStore()

	require.Equal(t, statusDone, w.sync(t, "-full").status)
	assert.FileExists(t, set.state+".key")
	w.source.RemovePerson(person(7))
	r := w.sync(t, "-full")
	assert.Equal(t, statusDone, r.status, r.stdout)
	w.assertInStep(t)
}

func TestStateKeyVariable(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{0xfb, 0xff}, 16)
	for name, text := range map[string]string{
		"hex": hex.EncodeToString(key), "upper case": strings.ToUpper(hex.EncodeToString(key)),
		"base64": base64.StdEncoding.EncodeToString(key) + "\n", "raw": base64.RawStdEncoding.EncodeToString(key),
		"url": base64.URLEncoding.EncodeToString(key), "raw url": base64.RawURLEncoding.EncodeToString(key),
	} {
		got, err := parseKey(text)
		require.NoError(t, err, name)
		assert.Equal(t, key, got, name)
	}

	w := contacts(t, 3, 20)
	for _, text := range []string{"canary", hex.EncodeToString(key[1:]), base64.StdEncoding.EncodeToString(key[1:])} {
		w.env[stateKeyVariable] = text
		r := w.sync(t)
		assert.Equal(t, statusUsage, r.status)
		assert.Contains(t, r.stderr, stateKeyVariable+" is not 32 bytes in base64 or hexadecimal")
		assert.NotContains(t, r.stderr+r.stdout, text)
		assert.NoFileExists(t, w.env[stateVariable])
	}

	w.env[stateKeyVariable] = hex.EncodeToString(key)
	require.Equal(t, statusDone, w.sync(t).status)
	assert.NoFileExists(t, w.env[stateVariable]+".key")

	w.env[stateKeyVariable] = strings.Repeat("0", 64)
	r := w.sync(t)
	assert.Equal(t, statusUsage, r.status, "another key opens nothing")
	assert.Contains(t, r.report.Error, "key")
	assert.Zero(t, w.source.Count("getallpersons")+w.writes())
}

// A key moves from the file to the variable with a full reading.
func TestKeyMovesIntoVariable(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 40)
	path := w.env[stateVariable] + ".key"
	require.Equal(t, statusDone, w.sync(t).status)
	w.env[stateKeyVariable] = strings.Repeat("5", 64)
	require.Equal(t, statusDone, w.sync(t, "-full").status)
	require.NoError(t, os.Remove(path))
	w.source.RemovePerson(person(7))
	r := w.sync(t, "-full")
	assert.Equal(t, statusDone, r.status, r.stdout)
	w.assertInStep(t)
}

func TestKeyFileThatIsNone(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	path := w.env[stateVariable] + ".key"
	require.NoError(t, os.WriteFile(path, []byte("canary"), 0o600))
	r := w.sync(t)
	assert.Equal(t, statusUsage, r.status)
	assert.Contains(t, r.stderr, "ORGSYNC_STATE has a key file beside it (*.key), which holds no key: is not 32 bytes")
	assert.NotContains(t, r.stderr, "canary")
	assert.NotContains(t, r.stderr, filepath.Dir(path))

	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Mkdir(path, 0o700))
	r = w.sync(t)
	assert.Equal(t, statusUsage, r.status)
	assert.Contains(t, r.stderr, "ORGSYNC_STATE has a key file beside it (*.key), which cannot be read: ")

	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Symlink("nowhere", path))
	r = w.sync(t)
	assert.Equal(t, statusUsage, r.status)
	assert.Contains(t, r.stderr, "ORGSYNC_STATE needs a key file beside it (*.key), which cannot be made: ")
}

func TestSimulationNeedsNoKey(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.db")
	w := &world{env: map[string]string{stateVariable: state}}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, statusDone, run(t.Context(), nil, w.get, &stdout, &stderr), stderr.String())
	assert.FileExists(t, state)
	assert.NoFileExists(t, state+".key")
}
