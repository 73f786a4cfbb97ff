package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, `1. A full push of 2500 people
   爱关怀 holds 2500 people
2. One of 2800, stopped half-way: a gateway answers with a page of its own
   failed: true; 爱关怀 still holds 2500 people
3. To complete it now would remove the people it misses
   refused: true; 2000 people are acknowledged
4. Later, perhaps in another process: the same push goes on
   爱关怀 holds 2800 people after 2 tasks
`, out.String())
}

func newVendor(t *testing.T) (*aiguanhuai.Client, *aiguanhuaitest.Server) {
	vendor := aiguanhuaitest.NewServer()
	t.Cleanup(vendor.Close)
	client := vendor.Client()
	return client, vendor
}

func TestWhatWasAcknowledgedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	client, vendor := newVendor(t)
	var stored []byte
	vendor.Inject(aiguanhuaitest.HTML().On(aiguanhuaitest.OpAdd).After(2))
	require.Error(t, push(t.Context(), client, invented(2100), &stored))
	vendor.Reset()
	require.NoError(t, push(t.Context(), client, invented(2100), &stored))
	assert.Equal(t, 1, vendor.Count(aiguanhuaitest.OpAdd))
	assert.Zero(t, vendor.Count(aiguanhuaitest.OpPrepare))
	assert.Len(t, vendor.People(), 2100)
}

// One left while the push was down: what was counted before is not what the
// counts would skip now.
func TestAnotherOrganisationGetsAnotherTask(t *testing.T) {
	t.Parallel()
	client, vendor := newVendor(t)
	org := invented(2100)
	var stored []byte
	vendor.Inject(aiguanhuaitest.HTML().On(aiguanhuaitest.OpAdd).After(2))
	require.Error(t, push(t.Context(), client, org, &stored))
	assert.NotContains(t, string(stored), "张三")

	org.People = org.People[1:]
	require.NoError(t, push(t.Context(), client, org, &stored))
	assert.Len(t, vendor.Tasks(), 2)
	assert.Len(t, vendor.People(), 2099)
	assert.Nil(t, stored)
}

func TestATaskThatIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	client, vendor := newVendor(t)
	var stored []byte
	vendor.Inject(aiguanhuaitest.Refuse(200006).On(aiguanhuaitest.OpAdd).After(1))
	require.ErrorIs(t, push(t.Context(), client, invented(10), &stored), aiguanhuai.ErrTaskNotFound)
	require.NoError(t, push(t.Context(), client, invented(10), &stored))
	assert.Len(t, vendor.Tasks(), 2)
	assert.Len(t, vendor.People(), 10)
}

func TestTheSignatureCoversEverything(t *testing.T) {
	t.Parallel()
	sign := func(key, method, path, task, body string) string {
		return signature([]byte(key), method, path, map[string][]string{"taskId": {task}}, []byte(body))
	}
	signatures := map[string]bool{
		sign("k", "GET", "/a", "1", ""):   true,
		sign("x", "GET", "/a", "1", ""):   true,
		sign("k", "POST", "/a", "1", ""):  true,
		sign("k", "GET", "/b", "1", ""):   true,
		sign("k", "GET", "/a", "2", ""):   true,
		sign("k", "GET", "/a", "1", "{}"): true,
	}
	assert.Len(t, signatures, 6)
}
