package orgsync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
)

// A state belongs to one destination, and a destination to one tenant of a store.
// Which tenants feed a destination is kept under a tenant of its own for each
// destination, so that two tenants cannot take one destination at once, and do not wait
// for each other while they take different ones.
const (
	bucketFeeders       = "feeders" // hash of tenant and target -> tenant
	registryTries       = 100
	registryWait        = 50 * time.Millisecond
	reasonOtherPlace    = "is another destination than the one that the state was made with"
	reasonOtherTenant   = "is fed by another tenant of the same store"
	reasonTenantsShared = "is fed by more than one tenant, and a replacement would remove what the others put there"
)

// registryOf names the tenant that keeps who feeds a destination. All tenants of a
// store have to come to the same name, so the hash has no key.
func registryOf(place string) string {
	sum := sha256.Sum256([]byte(place))
	return registryPrefix + hex.EncodeToString(sum[:])
}

func (r *run) feed(target string) string {
	sum := sha256.Sum256([]byte(r.config.Tenant + "\x00" + target))
	return hex.EncodeToString(sum[:])
}

// register notes this tenant beside a destination, and reports whether others are there.
// It does not join others unless told to.
func (r *run) register(ctx context.Context, target, registry string, join bool) (others bool, err error) {
	lease, err := r.lockRegistry(ctx, registry)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, lease.Unlock(context.WithoutCancel(ctx))) }()
	feed, there := r.feed(target), false
	for stored, err := range lease.All(ctx, bucketFeeders) {
		if err != nil {
			return false, err
		}
		there = there || stored.Key == feed
		others = others || string(stored.Value) != r.config.Tenant
	}
	if r.options.DryRun || there || others && !join {
		return others, nil
	}
	return others, lease.Write(ctx, Entry{Bucket: bucketFeeders, Key: feed, Value: []byte(r.config.Tenant)})
}

// unregister takes this tenant off a destination that the target had before.
func (r *run) unregister(ctx context.Context, target, registry string) (err error) {
	if registry == "" || r.options.DryRun {
		return nil
	}
	lease, err := r.lockRegistry(ctx, registry)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lease.Unlock(context.WithoutCancel(ctx))) }()
	return lease.Write(ctx, Entry{Bucket: bucketFeeders, Key: r.feed(target)})
}

// lockRegistry waits a little for other tenants, which hold it for a moment.
func (r *run) lockRegistry(ctx context.Context, registry string) (Lease, error) {
	for try := 1; ; try++ {
		lease, err := r.config.Store.Lock(ctx, registry)
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
	return r.register(ctx, target, registryOf(place), true)
}
