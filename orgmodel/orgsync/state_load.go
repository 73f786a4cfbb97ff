package orgsync

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// loadState reads what is small. A state that an earlier version or a run that died
// left behind is brought into order first; a dry run does that in memory.
func loadState(ctx context.Context, lease Lease, targets []Target, dry bool) (*state, error) {
	s := &state{lease: lease, missing: map[string]int{}, held: map[string]bool{}, unlisted: map[string]bool{}, targets: map[string]*targetState{}, fresh: true}
	if dry {
		s.overlay = map[string]map[string][]byte{}
	}
	err := readJSON(ctx, s, bucketMeta, func(_ string, m meta) { s.meta, s.fresh = m, false })
	if err != nil {
		return nil, err
	}
	if s.fresh {
		s.meta = meta{Format: stateFormat, HashKey: newHashKey(), Clean: true}
	}
	if len(s.HashKey) == 0 || s.Format < 1 || s.Format > stateFormat {
		return nil, fmt.Errorf("%w: its format is %d, not %d", ErrCorrupt, s.Format, stateFormat)
	}
	s.hash = newHasher(s.HashKey)
	if s.Format == 1 {
		if err := s.convert(ctx, targets); err != nil {
			return nil, err
		}
	}
	s.clean = s.Clean
	metas, codes := map[string]targetMeta{}, 0
	if err := readJSON(ctx, s, bucketTargets, func(name string, m targetMeta) {
		metas[name], codes = m, max(codes, m.Code+1)
	}); err != nil {
		return nil, err
	}
	for _, t := range targets {
		m, known := metas[t.Name()]
		if !known {
			m.Code, codes = codes, codes+1
		}
		ts := &targetState{targetMeta: m, name: t.Name(), traits: t.Traits()}
		s.targets[t.Name()] = ts
		delete(metas, t.Name())
	}
	for _, name := range slices.Sorted(maps.Keys(metas)) {
		s.others = append(s.others, &targetState{targetMeta: metas[name], name: name})
	}
	s.names = index{get: s.get, all: s.all, hash: s.hash, bucket: bucketNames, kind: kindName}.opened()
	s.keys = index{get: s.get, all: s.all, hash: s.hash, bucket: bucketKeys, kind: kindKey}.opened()
	if err := s.loadMemory(ctx); err != nil {
		return nil, err
	}
	if err := s.loadLists(ctx); err != nil {
		return nil, err
	}
	if err := s.settleIntents(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *state) loadMemory(ctx context.Context) error {
	values, err := s.get(ctx, bucketMemory, keyMeta)
	if err != nil {
		return err
	}
	s.memory = string(values[0])
	if !s.Watermark.IsZero() {
		s.Watermark.Memory = s.memory
	}
	return nil
}

// memoryChange is what has to be written of what the source wants to remember.
func (s *state) memoryChange() []Entry {
	switch now := s.Watermark.Memory; now {
	case s.memory:
		return nil
	case "":
		return []Entry{{Bucket: bucketMemory, Key: keyMeta}}
	default:
		return []Entry{{Bucket: bucketMemory, Key: keyMeta, Value: []byte(now)}}
	}
}

func (s *state) loadLists(ctx context.Context) error {
	for stored, err := range s.all(ctx, bucketOwed) {
		if err != nil {
			return err
		}
		s.owed = append(s.owed, stored.Key)
	}
	for stored, err := range s.all(ctx, bucketHeld) {
		if err != nil {
			return err
		}
		s.held[stored.Key] = len(stored.Value) > 0
	}
	for stored, err := range s.all(ctx, bucketUnlisted) {
		if err != nil {
			return err
		}
		s.unlisted[stored.Key] = true
	}
	return readJSON(ctx, s, bucketMissing, func(key string, n int) { s.missing[key] = n })
}
