package orgsync

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Buckets and keys of the state. What is in them are ids, keys, names of departments,
// keyed hashes and sealed fields. The buckets of a target have its code behind them.
const (
	bucketMeta      = "meta"      // keyMeta
	bucketTargets   = "targets"   // name -> targetMeta
	bucketOwed      = "owed"      // ids of people to be read again by the next run
	bucketHeld      = "held"      // ids of people whose changes wait for an approval -> whether by absence
	bucketMissing   = "missing"   // entity and id -> how many full readings lacked it
	bucketUnlisted  = "unlisted"  // entity and id of what the last full reading lacked although it was there
	bucketApprovals = "approvals" // digest -> approval
	bucketNames     = "names"     // index of hashes of names
	bucketKeys      = "keys"      // index of keys at all targets
	bucketSealed    = "sealed"    // id -> sealed fields
	bucketMemory    = "memory"    // keyMeta -> Watermark.Memory

	bucketPeople      = "p." // id -> entry
	bucketDepartments = "d." // id -> entry
	bucketIntents     = "i." // number -> intent
	bucketCounts      = "c." // keyCounts -> people held by department

	keyMeta   = "meta"
	keyCounts = "counts"

	stateFormat = 2
)

const (
	// maxOwed is how many people are read one by one before reading all is cheaper, and
	// maxOwedInBatches how many are read in batches, whatever the size of the company.
	maxOwed          = 200
	maxOwedInBatches = 10_000
	// pageOverBatch is how many batches hold as many people as a page.
	pageOverBatch = 5
	// maxID is the longest id that is used, in bytes: stores have limits.
	maxID = 256

	manyOwed = "more people are owed than are read by their ids"
)

// meta is what the state knows of the source.
type meta struct {
	Format  int    `json:"format"`
	HashKey []byte `json:"hashKey"`
	// Clean says that the last run that wrote anything came to its checkpoint. Without it
	// indexes and counts are made anew, by a full reading.
	Clean bool `json:"clean"`
	// Watermark is how far the source was read and every target told, or listed as owed.
	Watermark Watermark `json:"watermark,omitzero"`
	LastFull  time.Time `json:"lastFull,omitzero"` // by our clock
	// FullDue says why the next reading must be full.
	FullDue string `json:"fullDue,omitzero"`
	// InService and Departments count the last snapshot that was accepted.
	InService   int    `json:"inService"`
	Departments int    `json:"departments"`
	Uncounted   int    `json:"uncounted,omitzero"` // people whom the source counts and does not list, as accepted
	Tree        string `json:"tree"`               // hash of the departments
	Roster      string `json:"roster"`             // hash of the enrichment's digest: that of a short roster could be guessed
	SealCheck   []byte `json:"sealCheck,omitempty"`
	// Source is the hash of the name of the source, "" in old states: another one's cursor
	// means nothing to a source.
	Source string `json:"source,omitempty"`
	// Fed are the targets of the last run that came to its checkpoint: any other has missed
	// what was read since. Old states do not say.
	Fed []string `json:"fed,omitempty"`
}

// targetMeta is what the state knows of a target as a whole.
type targetMeta struct {
	Code            int      `json:"code"`
	Started         bool     `json:"started"` // everything was pushed once
	Settings        string   `json:"settings"`
	Destination     string   `json:"destination,omitzero"`
	Registry        string   `json:"registry,omitzero"` // that lists this tenant for the destination
	People          int      `json:"people"`            // held and not gone
	HeldDepartments int      `json:"departments"`
	DepartmentsOwed bool     `json:"departmentsOwed,omitzero"` // some are not as they should be
	Recent          []recent `json:"recent,omitempty"`         // within the last 24 hours
	Left            int      `json:"left,omitzero"`            // people removed since the last full reading
	PeopleAtFull    int      `json:"peopleAtFull"`
	Stuck           []string `json:"stuck,omitempty"` // ids of people who are gone from the source and cannot be disabled
}

// recent counts changes that no one approved.
type recent struct {
	At         time.Time `json:"at"`
	Kind       Kind      `json:"kind"`
	Department string    `json:"department,omitempty"` // of people
	Count      int       `json:"count"`
}

type targetState struct {
	targetMeta

	name     string
	traits   Traits
	everHeld bool // people, so that keys may have owners
}

func (t *targetState) bucket(prefix string) string { return prefix + strconv.Itoa(t.Code) }

func (t *targetState) entries(entity orgmodel.Entity) string {
	if entity == orgmodel.EntityDepartment {
		return t.bucket(bucketDepartments)
	}
	return t.bucket(bucketPeople)
}

// state is a tenant's state: what is small in memory, entries by key.
type state struct {
	meta

	lease    Lease
	overlay  map[string]map[string][]byte // of dry runs: what would have been written
	hash     *hasher
	fresh    bool   // nothing was stored yet
	clean    bool   // as found
	memory   string // of the source, as stored
	owed     []string
	held     map[string]bool // id -> by absence
	missing  map[string]int
	unlisted map[string]bool
	targets  map[string]*targetState
	others   []*targetState // known to the state, and not of this engine
	names    *index
	keys     *index // of all targets: who has, or had, a key at one of them
}

// verify checks the whole store, where it can.
func (s *state) verify(ctx context.Context) error {
	if v, ok := s.lease.(Verifier); ok && !s.fresh {
		return v.Verify(ctx)
	}
	return nil
}

// put writes at once, or into the overlay of a dry run.
func (s *state) put(ctx context.Context, entries ...Entry) error {
	if s.overlay == nil {
		return s.lease.Write(ctx, entries...)
	}
	for _, e := range entries {
		if s.overlay[e.Bucket] == nil {
			s.overlay[e.Bucket] = map[string][]byte{}
		}
		s.overlay[e.Bucket][e.Key] = e.Value
	}
	return nil
}

// get reads values by key, nil where there is none.
func (s *state) get(ctx context.Context, bucket string, keys ...string) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	values, err := s.lease.Get(ctx, bucket, keys...)
	if err != nil || len(s.overlay[bucket]) == 0 {
		return values, err
	}
	for i, key := range keys {
		if value, over := s.overlay[bucket][key]; over {
			values[i] = value
		}
	}
	return values, nil
}

// all yields a bucket in the order of its keys.
func (s *state) all(ctx context.Context, bucket string) iter.Seq2[Entry, error] {
	over := s.overlay[bucket]
	if len(over) == 0 {
		return s.lease.All(ctx, bucket)
	}
	return func(yield func(Entry, error) bool) {
		keys := slices.Sorted(maps.Keys(over))
		flush := func(before string, all bool) bool {
			for len(keys) > 0 && (all || keys[0] < before) {
				key := keys[0]
				keys = keys[1:]
				if value := over[key]; value != nil && !yield(Entry{Bucket: bucket, Key: key, Value: value}, nil) {
					return false
				}
			}
			return true
		}
		for e, err := range s.lease.All(ctx, bucket) {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if !flush(e.Key, false) {
				return
			}
			if _, replaced := over[e.Key]; !replaced && !yield(e, nil) {
				return
			}
		}
		flush("", true)
	}
}

// entriesOf reads the entries of ids.
func (s *state) entriesOf(ctx context.Context, t *targetState, entity orgmodel.Entity, ids ...string) (map[string]entry, error) {
	values, err := s.get(ctx, t.entries(entity), ids...)
	if err != nil {
		return nil, err
	}
	found := make(map[string]entry, len(ids))
	for i, value := range values {
		if value == nil {
			continue
		}
		id := ids[i] // #nosec G602 -- as many as values
		if found[id], err = decodeEntry(entity, id, value); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// heldEntry is an entry with its id.
type heldEntry struct {
	id string
	entry
}

// scan yields all entries of a target, ordered by id.
func (s *state) scan(ctx context.Context, t *targetState, entity orgmodel.Entity) iter.Seq2[heldEntry, error] {
	return func(yield func(heldEntry, error) bool) {
		for stored, err := range s.all(ctx, t.entries(entity)) {
			var e entry
			if err == nil {
				e, err = decodeEntry(entity, stored.Key, stored.Value)
			}
			if !yield(heldEntry{stored.Key, e}, err) || err != nil {
				return
			}
		}
	}
}

// stored returns an entry of a target as it is written.
func (t *targetState) stored(entity orgmodel.Entity, id string, e *entry) Entry {
	return Entry{Bucket: t.entries(entity), Key: id, Value: encodeEntry(entity, id, e)}
}

func (t *targetState) storedMeta() Entry { return storedJSON(bucketTargets, t.name, t.targetMeta) }

func readJSON[T any](ctx context.Context, s *state, bucket string, each func(key string, value T)) error {
	for stored, err := range s.all(ctx, bucket) {
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

// storedJSON returns a value as an entry of a store. Values are plain structs, which
// always marshal.
func storedJSON(bucket, key string, value any) Entry {
	text, _ := json.Marshal(value)
	return Entry{Bucket: bucket, Key: key, Value: text}
}

// entityKey names a record in lists that hold both entities.
func entityKey(entity orgmodel.Entity, id string) string { return string(entity) + "/" + id }
