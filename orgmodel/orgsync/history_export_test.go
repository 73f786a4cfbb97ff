package orgsync

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// StoredRecord is what one stored value says of one record at one target.
type StoredRecord struct {
	Code    int // of the target
	Entity  orgmodel.Entity
	Deleted bool
	Again   bool // it was uncertain at a takeover, and is to be sent twice
	Known
}

// StoredMeta is what the state says of its source.
type StoredMeta struct {
	Watermark Watermark
	LastFull  time.Time
	FullDue   string
	InService int
	Clean     bool
}

// StoredTarget is what the state says of a target as a whole.
type StoredTarget struct {
	Code    int
	Started bool
}

// ReadStored returns what an entry of the store says, as one of the types above; nil if
// it is of another kind.
func ReadStored(e Entry) (any, error) {
	switch {
	case e.Bucket == bucketMeta && e.Key == keyMeta && e.Value != nil:
		var m meta
		err := json.Unmarshal(e.Value, &m)
		return StoredMeta{m.Watermark, m.LastFull, m.FullDue, m.InService, m.Clean}, err
	case e.Bucket == bucketTargets && e.Value != nil:
		var m targetMeta
		err := json.Unmarshal(e.Value, &m)
		return StoredTarget{m.Code, m.Started}, err
	}
	for prefix, entity := range map[string]orgmodel.Entity{bucketPeople: orgmodel.EntityPerson, bucketDepartments: orgmodel.EntityDepartment} {
		digits, of := strings.CutPrefix(e.Bucket, prefix)
		code, err := strconv.Atoi(digits)
		if !of || err != nil {
			continue
		}
		r := StoredRecord{Code: code, Entity: entity, Deleted: e.Value == nil}
		if r.Deleted {
			return r, nil
		}
		stored, err := decodeEntry(entity, e.Key, e.Value)
		r.Known = Known{Key: stored.key, Old: strings.Join(stored.old, ","), Gone: stored.gone, Adopted: stored.adopted}
		r.Again = stored.again
		if !stored.isUncertain() {
			r.Hash = stored.hash.String()
		}
		return r, err
	}
	return nil, nil
}
