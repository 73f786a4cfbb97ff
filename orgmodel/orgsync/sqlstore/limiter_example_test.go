package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// All processes that use an app of 云之家 share its quota, and stop together when the
// vendor answers 429.
func ExampleLimiter() {
	db, err := sql.Open("pgx", "host=db.example.com user=orgsync dbname=orgsync")
	if err != nil {
		fmt.Println("import a driver:", err)
		db = new(sql.DB) // for the sake of the example
	}
	app, err1 := sqlstore.NewLimiter(db, sqlstore.LimiterConfig{Vendor: "yunzhijia", App: "500012345", Rate: 55, Burst: 100, Workers: 4})
	ip, err2 := sqlstore.NewLimiter(db, sqlstore.LimiterConfig{Vendor: "yunzhijia", App: "ip 192.0.2.1", Rate: 55, Burst: 1000, Workers: 4})
	if err := errors.Join(err1, err2); err != nil {
		fmt.Println(err)
		return
	}
	client, err := yunzhijia.New(
		yunzhijia.Config{EID: "10000001", Credentials: yunzhijia.AppCredentials("500012345", "secret")},
		yunzhijia.WithLimiter(sqlstore.Limiters{app, ip}),
		yunzhijia.WithHook(func(_ context.Context, a yunzhijia.Attempt) {
			if a.Status != http.StatusTooManyRequests {
				return
			}
			wait := max(a.Wait, 10*time.Second)
			if refused, ok := errors.AsType[*yunzhijia.Error](a.Err); ok {
				wait = max(wait, refused.RetryAfter)
			}
			app.Pause(wait)
		}))
	fmt.Println(client != nil, err)
	// Output:
	// import a driver: sql: unknown driver "pgx" (forgotten import?)
	// true <nil>
}
