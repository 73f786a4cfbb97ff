package sqlstore

import (
	"database/sql/driver"
	"time"
)

// fakeRates answers the statements of a Limiter by a clock of its own.
type fakeRates struct {
	missing bool
	skew    time.Duration // by which the database's clock differs from ours
	rows    map[string]fakeRate
	way     func()                   // to the database
	granted func(from, to time.Time) // by the database's clock
}

type fakeRate struct{ next, paused time.Time }

func (f *fakeDB) rate(query string, args []any) (rows [][]driver.Value, ok bool) {
	r := &f.rates
	switch query {
	case ratesExist:
		return [][]driver.Value{{!r.missing}}, true
	case createRate, reserve, selectPause, pause:
	default:
		return nil, false
	}
	if r.rows == nil {
		r.rows = map[string]fakeRate{}
	}
	key := string(args[0].([]byte)) + "/" + string(args[1].([]byte))
	row, there := r.rows[key]
	if !there && query != createRate {
		return nil, true
	}
	now := time.Now().Add(r.skew)
	answer := one
	switch query {
	case reserve:
		from := later(later(row.next, row.paused), now.Add(-microseconds(args[2].(int64))))
		row.next = from.Add(microseconds(args[3].(int64)))
		if r.granted != nil {
			r.granted(from, row.next)
		}
		answer = [][]driver.Value{{from.Sub(now).Microseconds(), row.paused.Sub(now).Microseconds()}}
	case selectPause:
		answer = [][]driver.Value{{row.paused.Sub(now).Microseconds()}}
	case pause:
		row.paused = later(row.paused, now.Add(microseconds(args[2].(int64))))
	}
	r.rows[key] = row
	return answer, true
}
