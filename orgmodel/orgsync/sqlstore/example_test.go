package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"log"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
)

// The driver is the program's own; with pgx, import _ "github.com/jackc/pgx/v5/stdlib".
func Example() {
	ctx := context.Background()
	db, err := sql.Open("pgx", "host=db.example.com user=orgsync dbname=orgsync")
	if err != nil {
		log.Println(err)
		return
	}
	defer db.Close()
	store, err := sqlstore.New(db, sqlstore.WithLeaseTime(time.Minute))
	if err != nil {
		log.Println(err)
		return
	}
	if err := store.CreateSchema(ctx); err != nil {
		log.Println(err)
		return
	}
	lease, err := store.Lock(ctx, "one company")
	if errors.Is(err, orgsync.ErrLocked) {
		log.Println("another process is at it")
		return
	}
	if err != nil {
		log.Println(err)
		return
	}
	defer lease.Unlock(ctx)
	if err := lease.Write(ctx, orgsync.Entry{Bucket: "people", Key: "1", Value: []byte("hash")}); err != nil {
		log.Println(err)
	}
}
