package orgsync

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// convert rewrites a state of format 1, whose entries were JSON under the names of
// their targets, in one transaction. Hashes of records stay what they were. Settings
// and destinations are taken as they are found: an upgrade is no reason to stop.
func (s *state) convert(ctx context.Context, targets []Target) error {
	at := newPlaces(s.HashKey, nil)
	type oldTarget struct {
		Started bool     `json:"started"`
		Removed []recent `json:"removed"`
		Left    int      `json:"left"`
	}
	old := map[string]oldTarget{}
	if err := readJSON(ctx, s, bucketTargets, func(name string, t oldTarget) { old[name] = t }); err != nil {
		return err
	}
	for _, t := range targets { // one whose first push was killed has entries alone
		old[t.Name()] = old[t.Name()]
	}
	var writes []Entry
	code := 0
	for name, t := range old {
		ts := &targetState{name: name, targetMeta: targetMeta{Code: code, Started: t.Started, Left: t.Left}}
		code++
		for _, r := range t.Removed {
			r.Kind = oldKind(r.Kind)
			ts.Recent = append(ts.Recent, r)
		}
		for _, part := range []struct {
			entity orgmodel.Entity
			bucket string
			held   *int
		}{{orgmodel.EntityPerson, "people/" + name, &ts.People}, {orgmodel.EntityDepartment, "departments/" + name, &ts.HeldDepartments}} {
			for stored, err := range s.all(ctx, part.bucket) {
				if err != nil {
					return err
				}
				e, err := oldEntry(part.entity, stored, at)
				if err != nil {
					return err
				}
				if !e.gone {
					*part.held++
				}
				writes = append(writes, ts.stored(part.entity, stored.Key, &e), Entry{Bucket: part.bucket, Key: stored.Key})
			}
		}
		writes = append(writes, ts.storedMeta())
	}
	s.Format, s.Clean = stateFormat, false
	if s.FullDue == "" {
		s.FullDue = remarkTexts[RemarkConverted]
	}
	return s.put(ctx, append(writes, storedJSON(bucketMeta, keyMeta, s.meta))...)
}

func oldKind(k Kind) Kind {
	if strings.HasPrefix(string(k), "departments") {
		return KindDepartments
	}
	return KindPeople
}

func oldEntry(entity orgmodel.Entity, stored Entry, at *places) (entry, error) {
	var old struct {
		Hash    string   `json:"h"`
		Key     string   `json:"k"`
		Old     []string `json:"o"`
		Parent  string   `json:"p"`
		Name    string   `json:"n"`
		Gone    bool     `json:"g"`
		Adopted bool     `json:"a"`
	}
	bad := func() (entry, error) {
		return entry{}, fmt.Errorf("%w: bucket %q, key %q", ErrCorrupt, stored.Bucket, stored.Key)
	}
	if json.Unmarshal(stored.Value, &old) != nil {
		return bad()
	}
	e := entry{key: old.Key, old: old.Old, title: old.Name, gone: old.Gone, adopted: old.Adopted}
	if entity == orgmodel.EntityPerson {
		e.key = cmp.Or(e.key, stored.Key) // "" stood for the id
		e.place = at.place(old.Parent)
	} else {
		e.parent = old.Parent
	}
	if old.Hash != "" {
		sum, err := base64.RawURLEncoding.DecodeString(old.Hash)
		if err != nil || len(sum) != len(e.hash) {
			return bad()
		}
		copy(e.hash[:], sum)
	}
	return e, nil
}
