package orgsync

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
	"unique"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Buckets and keys of the state. What is in them are ids, names of departments and keyed hashes.
const (
	bucketMeta    = "meta"    // keyMeta
	bucketOwed    = "owed"    // ids of people to be read again by the next run
	bucketMissing = "missing" // entity and id -> how many full readings lacked it
	bucketTargets = "targets" // name -> targetMeta
	keyMeta       = "meta"

	stateFormat = 1
)

// meta is what the state knows of the source.
type meta struct {
	Format  int    `json:"format"`
	HashKey []byte `json:"hashKey"`
	// Watermark is how far the source was read and every target told, or listed as owed.
	Watermark Watermark `json:"watermark,omitzero"`
	LastFull  time.Time `json:"lastFull,omitzero"` // by our clock
	// FullDue says why the next reading must be full.
	FullDue string `json:"fullDue,omitzero"`
	// InService and Departments count the last snapshot that was accepted.
	InService   int    `json:"inService"`
	Departments int    `json:"departments"`
	Tree        string `json:"tree"`   // hash of ids, parents and names of the departments
	Roster      string `json:"roster"` // hash of the enrichment's digest: that of a short roster could be guessed
}

// targetMeta is what the state knows of a target as a whole.
type targetMeta struct {
	Started     bool      `json:"started"` // everything was pushed once
	Fingerprint string    `json:"fingerprint"`
	Removed     []removed `json:"removed,omitempty"` // within the last 24 hours
	Left        int       `json:"left,omitzero"`     // people removed since the last full reading
}

// removed counts removals that nobody approved.
type removed struct {
	At         time.Time `json:"at"`
	Kind       Kind      `json:"kind"`
	Department string    `json:"department,omitempty"` // of people
	Count      int       `json:"count"`
}

// entry is what a target was told about one record. Nothing in it is personal data.
type entry struct {
	Hash    hash     `json:"h,omitzero"`  // of the payload acknowledged; zero while that is uncertain
	Key     string   `json:"k,omitzero"`  // by which the target knows a person, "" for the id
	Old     []string `json:"o,omitempty"` // earlier keys, which are to be retired
	Parent  string   `json:"p,omitzero"`  // of a department; the main department of a person
	Name    string   `json:"n,omitzero"`  // of a department: nobody else has it when it is gone
	Gone    bool     `json:"g,omitzero"`  // disabled or deleted: a tombstone
	Adopted bool     `json:"a,omitzero"`  // it was there before us
}

// uncertain is the entry while a call is under way: whatever comes of it, the
// record is ours, and is sent again unless the call is acknowledged.
func (e entry) uncertain() entry {
	e.Hash, e.Gone = hash{}, false
	return e
}

// unsettled reports whether the target may not hold what it was told.
func (e entry) unsettled() bool { return !e.Gone && e.Hash == (hash{}) || len(e.Old) > 0 }

type targetState struct {
	targetMeta

	people      map[string]entry
	departments map[string]entry

	peopleBucket, departmentsBucket string
}

func (t *targetState) entries(entity orgmodel.Entity) map[string]entry {
	if entity == orgmodel.EntityDepartment {
		return t.departments
	}
	return t.people
}

// alive counts the entries that are no tombstones.
func alive(entries map[string]entry) int {
	n := 0
	for _, e := range entries {
		if !e.Gone {
			n++
		}
	}
	return n
}

// state is a tenant's state in memory.
type state struct {
	meta
	fresh   bool // nothing was stored yet
	owed    []string
	missing map[string]int
	targets map[string]*targetState
}

func loadState(ctx context.Context, lease Lease, targets []Target) (*state, error) {
	s := &state{missing: map[string]int{}, targets: map[string]*targetState{}, fresh: true}
	metas := map[string]targetMeta{}
	err := readAll(ctx, lease, bucketMeta, func(_ string, m meta) { s.meta, s.fresh = m, false })
	if err != nil {
		return nil, err
	}
	switch {
	case s.fresh:
		s.meta = meta{Format: stateFormat, HashKey: newHashKey()}
	case s.Format != stateFormat || len(s.HashKey) == 0:
		return nil, fmt.Errorf("%w: its format is %d, not %d", ErrCorrupt, s.Format, stateFormat)
	}
	owed := map[string]bool{}
	for entry, err := range lease.All(ctx, bucketOwed) {
		if err != nil {
			return nil, err
		}
		owed[entry.Key] = true
	}
	if err := readAll(ctx, lease, bucketMissing, func(key string, n int) { s.missing[key] = n }); err != nil {
		return nil, err
	}
	if err := readAll(ctx, lease, bucketTargets, func(name string, m targetMeta) { metas[name] = m }); err != nil {
		return nil, err
	}
	for _, t := range targets {
		ts := &targetState{
			targetMeta: metas[t.Name()], people: map[string]entry{}, departments: map[string]entry{},
			peopleBucket: "people/" + t.Name(), departmentsBucket: "departments/" + t.Name(),
		}
		s.targets[t.Name()] = ts
		if err := readAll(ctx, lease, ts.peopleBucket, func(id string, e entry) {
			e.Parent = unique.Make(e.Parent).Value() // of many people, few departments
			ts.people[id] = e
		}); err != nil {
			return nil, err
		}
		if err := readAll(ctx, lease, ts.departmentsBucket, func(id string, e entry) { ts.departments[id] = e }); err != nil {
			return nil, err
		}
	}
	for _, ts := range s.targets {
		for id, e := range ts.people {
			if e.unsettled() {
				owed[id] = true // a run died before it could list them
			}
		}
	}
	if s.owed = slices.Sorted(maps.Keys(owed)); len(owed) > maxOwed && s.FullDue == "" {
		s.FullDue = manyOwed
	}
	return s, nil
}

func readAll[T any](ctx context.Context, lease Lease, bucket string, each func(key string, value T)) error {
	for stored, err := range lease.All(ctx, bucket) {
		if err != nil {
			return err
		}
		var value T
		if err := json.Unmarshal(stored.Value, &value); err != nil {
			return fmt.Errorf("%w: bucket %q, key %q", ErrCorrupt, bucket, stored.Key)
		}
		each(stored.Key, value)
	}
	return nil
}

// stored returns a value as an entry of a store. Values are plain structs, which
// always marshal.
func stored(bucket, key string, value any) Entry {
	text, _ := json.Marshal(value)
	return Entry{Bucket: bucket, Key: key, Value: text}
}

// newHashKey makes the key without which nobody can test guesses against the
// hashes; crypto/rand never fails.
func newHashKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return key
}

// hash is a keyed hash, cut to 128 bits.
type hash [16]byte

// String returns the 22 characters that are stored.
func (h hash) String() string { return base64.RawURLEncoding.EncodeToString(h[:]) }

// MarshalText returns String.
func (h hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText writes and nothing else.
func (h *hash) UnmarshalText(text []byte) error {
	decoded, err := base64.RawURLEncoding.DecodeString(string(text))
	if err != nil || len(decoded) != len(h) {
		return ErrCorrupt
	}
	copy(h[:], decoded)
	return nil
}

// hash returns a keyed hash of parts: mobiles are so few that an unkeyed one could
// be reversed by trying them all.
func (s *state) hash(parts ...[]byte) hash {
	mac := hmac.New(sha256.New, s.HashKey)
	var size [8]byte
	for _, part := range parts {
		binary.LittleEndian.PutUint64(size[:], uint64(len(part)))
		mac.Write(size[:])
		mac.Write(part)
	}
	return hash(mac.Sum(nil)[:16])
}
