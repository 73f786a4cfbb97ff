package boltstore

import (
	"bytes"
	"context"
	"errors"
)

// verify reads all of the file: each page must be used exactly once, and the entries of
// each tenant must be what its record counts.
func (s *snapshot) verify(ctx context.Context) error {
	w := &walker{s: s, used: append([]uint64{}, s.free...)}
	names := tree{s: s, kind: namesKind, root: s.root}
	var others []tree
	err := w.walk(ctx, &names, func(key, _ []byte) error {
		if s.format == format && (bytes.Equal(key, leasesBucket) || bytes.Equal(key, valuesBucket)) {
			return nil
		}
		other, err := names.bucket(key, plainKind)
		if err == nil {
			others = append(others, *other)
		}
		return err
	})
	for i := 0; i < len(others) && err == nil; i++ {
		err = w.walk(ctx, &others[i], func(_, _ []byte) error { return nil })
	}
	switch {
	case err != nil:
		return err
	case s.format == oldFormat:
		err = s.verifyOld(ctx)
	case s.format == format:
		err = w.verifySums(ctx)
	}
	if err != nil || s.freelist == noFreelist {
		return err
	}
	for id := uint64(2); id < s.pages; id++ {
		if w.used[id/64]>>(id%64)&1 == 0 {
			return damaged("page %d is neither used nor free", id)
		}
	}
	return nil
}

type walker struct {
	s    *snapshot
	used []uint64 // a bit for each page
}

func (w *walker) use(id, n uint64) error {
	for i := id; i < id+n; i++ {
		if w.used[i/64]>>(i%64)&1 != 0 {
			return damaged("page %d is used twice", i)
		}
		w.used[i/64] |= 1 << (i % 64)
	}
	return nil
}

// walk calls do with all that a tree stores, which is valid until do returns.
func (w *walker) walk(ctx context.Context, t *tree, do func(key, stored []byte) error) error {
	return t.each(ctx, w.use, do)
}

func (t *tree) each(ctx context.Context, visit func(id, n uint64) error, do func(key, stored []byte) error) error {
	c := cursor{tree: t, visit: visit, scan: true}
	for err := c.first(); len(c.path) > 0 || err != nil; err = c.next() {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		l := c.leaf()
		for i := range l.count {
			if err := do(l.key(i), l.value(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// verifySums compares the entries with the records of their tenants, whose numbers must
// be those that were given.
func (w *walker) verifySums(ctx context.Context) error {
	last, err := w.s.last()
	if err != nil {
		return err
	}
	records := map[uint64]*record{}
	err = w.walk(ctx, &w.s.leases, func(key, stored []byte) error {
		if sentinel(key) {
			return nil
		}
		r, err := parseRecord(stored[:len(stored)-sumSize])
		if err == nil && (r.number == 0 || r.number > last || records[r.number] != nil) {
			err = errNumbers
		}
		records[r.number] = &r
		return err
	})
	if err == nil && uint64(len(records)) != last {
		err = errNumbers
	}
	if err != nil {
		return err
	}
	var r *record // of the last entry
	err = w.walk(ctx, &w.s.values, func(key, stored []byte) error {
		if sentinel(key) {
			return nil
		}
		tenant, rest, okTenant := number(key)
		bucket, _, okBucket := number(rest)
		if r == nil || r.number != tenant {
			r = records[tenant]
		}
		if !okTenant || !okBucket || r == nil || bucket >= uint64(len(r.buckets)) {
			return errSums
		}
		r.remove(entrySum(stored))
		return nil
	})
	for _, r := range records {
		if r.count != 0 || r.sum != 0 {
			err = errors.Join(err, errSums)
			break
		}
	}
	return err
}

func sentinel(key []byte) bool { return bytes.Equal(key, firstKey) || bytes.Equal(key, lastKey) }

var (
	errSums    = damaged("the entries of a tenant differ from their sum")
	errNumbers = damaged("the tenants differ from their numbers")
)
