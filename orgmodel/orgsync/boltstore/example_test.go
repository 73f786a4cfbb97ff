package boltstore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
)

func Example() {
	dir, err := os.MkdirTemp("", "orgsync")
	if err != nil {
		log.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	store, err := boltstore.Open(filepath.Join(dir, "state.db"))
	if err != nil {
		log.Println(err)
		return
	}
	defer store.Close()

	ctx := context.Background()
	lease, err := store.Lock(ctx, "one company")
	if err != nil {
		log.Println(err)
		return
	}
	defer lease.Unlock(ctx)

	_, err = store.Lock(ctx, "one company")
	fmt.Println("a second run:", errors.Is(err, orgsync.ErrLocked))

	err = lease.Write(ctx,
		orgsync.Entry{Bucket: "people", Key: "2", Value: []byte("hash of 2")},
		orgsync.Entry{Bucket: "people", Key: "1", Value: []byte("hash of 1")})
	if err != nil {
		log.Println(err)
		return
	}
	for e, err := range lease.All(ctx, "people") {
		if err != nil {
			log.Println(err)
			return
		}
		fmt.Println(e.Key, string(e.Value))
	}
	// Output:
	// a second run: true
	// 1 hash of 1
	// 2 hash of 2
}

func ExampleOpen_wrongFile() {
	dir, err := os.MkdirTemp("", "orgsync")
	if err != nil {
		log.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(path, []byte("something else"), 0o600); err != nil {
		log.Println(err)
		return
	}
	_, err = boltstore.Open(path)
	fmt.Println(errors.Is(err, boltstore.ErrForeign), errors.Is(err, orgsync.ErrCorrupt))
	// Output: true true
}
