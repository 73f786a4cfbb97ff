package yunzhijia_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// changing makes the simulator change when it has answered the n-th page, from 1.
func changing(srv *yunzhijiatest.Server, n int, change func()) {
	srv.Inject(yunzhijiatest.MutateBody(func(body []byte) []byte {
		change()
		return body
	}).On(yunzhijiatest.OpListPersons).After(n - 1))
}

func leave(srv *yunzhijiatest.Server, from, to int) func() {
	return func() {
		for i := from; i < to; i++ {
			srv.RemovePerson(fmt.Sprintf("p%d", i))
		}
	}
}

// Rows that go while a run reads take no one else with them.
func TestFeedOfAListThatShrinks(t *testing.T) {
	t.Parallel()
	for _, prefetch := range []int{0, 4} {
		for page := range 4 {
			t.Run(fmt.Sprint("prefetch ", prefetch, " page ", page+1), func(t *testing.T) {
				t.Parallel()
				srv, client := simulate(t)
				srv.AddPerson(people(35)...)
				changing(srv, page+1, leave(srv, 0, 6))
				feed := client.PersonFeed("", yunzhijia.PageOptions{Count: 10, Prefetch: prefetch})
				latest, cursor, err := feed.Latest(t.Context())
				require.NoError(t, err)
				assert.Subset(t, openIDs(latest), openIDs(people(35)[6:]))
				assert.False(t, feed.Slid())
				assert.NotEmpty(t, cursor)
				if prefetch == 0 && page < 3 {
					begins := []string{}
					for _, form := range formsTo(t, srv, "getallpersons") {
						begins = append(begins, form["begin"])
					}
					assert.Equal(t, [][]string{
						{"0", "9", "0", "9", "18", "27"},
						{"0", "9", "18", "9", "18", "27"},
						{"0", "9", "18", "27", "18", "27"},
					}[page], begins)
				}
			})
		}
	}
}

// A row read again carries what holds now.
func TestFeedYieldsTheLatestLast(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t)
	srv.AddPerson(people(25)...)
	changing(srv, 2, func() {
		srv.RemovePerson("p0")
		srv.UpdatePerson("p12", func(p *yunzhijia.Person) { p.JobTitle = "new" })
	})
	latest, _, err := client.PersonFeed("", yunzhijia.PageOptions{Count: 10}).Latest(t.Context())
	require.NoError(t, err)
	i := slices.IndexFunc(latest, func(p yunzhijia.Person) bool { return p.OpenID == "p12" })
	assert.Equal(t, "new", latest[i].JobTitle)
}

// A list that never comes to rest is read to its end, and said to be incomplete.
func TestFeedSlid(t *testing.T) {
	t.Parallel()
	for _, prefetch := range []int{0, 4} {
		srv, client := simulate(t)
		srv.AddPerson(people(100)...)
		for i := range 8 {
			changing(srv, 2+i, leave(srv, 6*i, 6*i+6))
		}
		feed := client.PersonFeed("", yunzhijia.PageOptions{Count: 10, Prefetch: prefetch})
		assert.False(t, feed.Slid())
		for p, err := range feed.Events(t.Context()) {
			require.NoError(t, err)
			assert.False(t, feed.Slid(), "not while it runs")
			_ = p
		}
		_, ended := feed.Cursor()
		assert.True(t, ended, "a run that slid ends like others")
		if prefetch == 0 {
			assert.True(t, feed.Slid())
		}

		srv.ClearFaults()
		_, _, err := feed.Latest(t.Context())
		require.NoError(t, err)
		assert.False(t, feed.Slid(), "it is the latest run's")
	}
}

// The first page may be read again. The next run starts from where the first
// reading of it did.
func TestFeedKeepsTheFirstCursor(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t, yunzhijiatest.WithClock(ticking()))
	srv.AddPerson(people(15)...)
	changing(srv, 1, leave(srv, 0, 6))
	var times []string
	seen := func(body []byte) []byte {
		_, rest, _ := bytes.Cut(body, []byte(`"time":"`))
		text, _, _ := bytes.Cut(rest, []byte(`"`))
		times = append(times, string(text))
		return body
	}
	srv.Inject(yunzhijiatest.MutateBody(seen).On(yunzhijiatest.OpListPersons).After(1).Always())
	_, cursor, err := client.PersonFeed("", yunzhijia.PageOptions{Count: 10}).Latest(t.Context())
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(times), 2, "the first page was read again")
	for _, later := range times {
		assert.Negative(t, cursor.Compare(yunzhijia.Cursor(later)))
	}
}

// Pages that were asked for in advance and are not needed are not a failure.
func TestHealthyRunLogsNoWarning(t *testing.T) {
	t.Parallel()
	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(30, 300))
	t.Cleanup(srv.Close)
	var b bytes.Buffer
	client := newClient(t, srv.Config(), yunzhijia.WithLogger(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelInfo}))))
	o := yunzhijia.PageOptions{Count: 10, Prefetch: 8}
	for range 3 {
		_, _, err := client.PersonFeed("", o).Latest(t.Context())
		require.NoError(t, err)
		_, err = collect(client.AllOrgs(t.Context(), o))
		require.NoError(t, err)
	}
	assert.Empty(t, b.String())
}
