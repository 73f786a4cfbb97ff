package orgsync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A state belongs to one destination, and a destination to one tenant of a store.
// Which tenants feed which destination is kept under a tenant of its own, with its
// own lock, so that two tenants cannot take one destination at once.
const (
	bucketDestinations  = "destinations" // hash -> tenants by feed
	bucketFeeds         = "feeds"        // hash of tenant and target -> hash of the destination
	registryTries       = 100
	registryWait        = 50 * time.Millisecond
	reasonOtherPlace    = "is another destination than the one that the state was made with"
	reasonOtherTenant   = "is fed by another tenant of the same store"
	reasonTenantsShared = "is fed by more than one tenant, and a replacement would remove what the others put there"
)

// register notes this tenant beside a destination, takes it off the one that the target
// had before, and reports whether others are there. It does not join others unless told
// to.
func (r *run) register(ctx context.Context, target, place string, join bool) (others bool, err error) {
	lease, err := r.lockRegistry(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, lease.Unlock(context.WithoutCancel(ctx))) }()
	values, err := lease.Get(ctx, bucketMeta, keyMeta)
	if err != nil {
		return false, err
	}
	var writes []Entry
	key := values[0]
	if key == nil {
		key = newHashKey()
		writes = append(writes, Entry{Bucket: bucketMeta, Key: keyMeta, Value: key})
	}
	h := newHasher(key)
	name, feed := h.texts("destination", place).String(), h.texts("feed", r.config.Tenant, target).String()
	if values, err = lease.Get(ctx, bucketFeeds, feed); err != nil {
		return false, err
	}
	before := string(values[0])
	here, err := feedersOf(ctx, lease, name)
	if err != nil {
		return false, err
	}
	for f := range here {
		others = others || here[f] != r.config.Tenant
	}
	if r.options.DryRun || before == name || others && !join {
		return others, nil
	}
	here[feed] = r.config.Tenant
	writes = append(writes, storedJSON(bucketDestinations, name, here), Entry{Bucket: bucketFeeds, Key: feed, Value: []byte(name)})
	if before != "" {
		left, err := feedersOf(ctx, lease, before)
		if err != nil {
			return false, err
		}
		delete(left, feed)
		writes = append(writes, storedJSON(bucketDestinations, before, left))
	}
	return others, lease.Write(ctx, writes...)
}

// feedersOf returns the tenants that feed a destination, by feed.
func feedersOf(ctx context.Context, lease Lease, name string) (map[string]string, error) {
	values, err := lease.Get(ctx, bucketDestinations, name)
	if err != nil {
		return nil, err
	}
	feeders := map[string]string{}
	if values[0] != nil && json.Unmarshal(values[0], &feeders) != nil {
		return nil, fmt.Errorf("%w: the destinations", ErrCorrupt)
	}
	return feeders, nil
}

// lockRegistry waits a little for other tenants, which hold it for a moment.
func (r *run) lockRegistry(ctx context.Context) (Lease, error) {
	for try := 1; ; try++ {
		lease, err := r.config.Store.Lock(ctx, registryTenant)
		if !errors.Is(err, ErrLocked) || try == registryTries {
			return lease, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(registryWait):
		}
	}
}

// shared reports whether other tenants feed a destination now.
func (r *run) shared(ctx context.Context, target, place string) (bool, error) {
	if place == "" {
		return false, nil
	}
	return r.register(ctx, target, place, true)
}
