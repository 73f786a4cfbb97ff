package orgsync

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Known is what the state says that a target was told about one record.
type Known struct {
	Hash    string // of the record that was acknowledged, "" while that is uncertain
	Key     string // of a person
	Old     string // keys to be retired, joined with commas
	Gone    bool
	Adopted bool
}

// KnownAt returns what the state says of a target's records, by id. What a run that
// died was sending is uncertain.
func KnownAt(ctx context.Context, lease Lease, target string, entity orgmodel.Entity) (map[string]Known, error) {
	code, err := codeOf(ctx, lease, target)
	if err != nil {
		return nil, err
	}
	ts := &targetState{name: target, targetMeta: targetMeta{Code: code}}
	known := map[string]Known{}
	for stored, err := range lease.All(ctx, ts.entries(entity)) {
		if err != nil {
			return nil, err
		}
		e, err := decodeEntry(entity, stored.Key, stored.Value)
		if err != nil {
			return nil, err
		}
		k := Known{Key: e.key, Old: strings.Join(e.old, ","), Gone: e.gone, Adopted: e.adopted}
		if !e.isUncertain() {
			k.Hash = e.hash.String()
		}
		known[stored.Key] = k
	}
	for stored, err := range lease.All(ctx, ts.bucket(bucketIntents)) {
		if err != nil {
			return nil, err
		}
		in, err := decodeIntent(stored.Value)
		if err != nil {
			return nil, err
		}
		for _, row := range in.rows {
			if k, there := known[row.id]; there && in.entity == entity {
				k.Hash = ""
				known[row.id] = k
			}
		}
	}
	return known, nil
}

// codeOf returns the code that the buckets of a target have behind them.
func codeOf(ctx context.Context, lease Lease, target string) (int, error) {
	values, err := lease.Get(ctx, bucketTargets, target)
	if err != nil || values[0] == nil {
		return -1, err
	}
	var m targetMeta
	err = json.Unmarshal(values[0], &m)
	return m.Code, err
}

// EntryBucket returns the bucket that holds what a target was told of people.
func EntryBucket(ctx context.Context, lease Lease, target string) (string, error) {
	code, err := codeOf(ctx, lease, target)
	if err == nil && code < 0 {
		err = errors.New("the state does not know the target")
	}
	return (&targetState{targetMeta: targetMeta{Code: code}}).entries(orgmodel.EntityPerson), err
}

// BucketsOf lists every bucket that a state may have.
func BucketsOf(targets int) []string {
	buckets := []string{
		bucketMeta, bucketTargets, bucketOwed, bucketHeld, bucketMissing, bucketUnlisted, bucketApprovals, bucketNames, bucketSealed,
	}
	for code := range targets {
		ts := &targetState{targetMeta: targetMeta{Code: code}}
		for _, prefix := range []string{bucketPeople, bucketDepartments, bucketIntents, bucketKeys, bucketCounts} {
			buckets = append(buckets, ts.bucket(prefix))
		}
	}
	return buckets
}

// RegistryOf is the name under which a store keeps who feeds a destination.
func RegistryOf(place string) string { return registryOf(place) }
