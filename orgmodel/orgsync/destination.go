package orgsync

import (
	"context"
	"errors"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// DestinationError says that a target leads somewhere else than its state says, or to
// where another tenant's records are. Nothing was sent. If that is intended, run once
// with RunOptions.Adopt.
type DestinationError struct{ Target, Reason string }

// Error names target and reason.
func (e *DestinationError) Error() string { return "orgsync: " + e.Target + " " + e.Reason }

// bind compares every target's destination with the one that its state was made with.
func (r *run) bind(ctx context.Context) error {
	var errs []error
	for _, target := range r.config.Targets {
		t := r.state.targets[target.Name()]
		place := target.Destination()
		if place == "" {
			continue
		}
		known, registry := r.state.hash.texts("destination", place).String(), registryOf(place)
		adopt := slices.Contains(r.options.Adopt, t.name)
		switch {
		case t.Destination == known && t.Registry == registry && !adopt:
			continue
		case t.Destination != "" && t.Destination != known && !adopt:
			errs = append(errs, &DestinationError{Target: t.name, Reason: reasonOtherPlace})
			continue
		}
		// A state from before destinations were kept, or listed there, is believed.
		unasked := t.Destination == known || t.Destination == "" && t.Started
		others, err := r.register(ctx, t.name, registry, adopt || unasked)
		if err != nil {
			return err
		}
		if others && !adopt && !unasked {
			errs = append(errs, &DestinationError{Target: t.name, Reason: reasonOtherTenant})
			continue
		}
		// The former destination is left last: a run that ends in between keeps both.
		former := t.Registry
		t.Destination, t.Registry = known, registry
		if adopt {
			if err := r.adopt(ctx, t); err != nil {
				return err
			}
		}
		if former != registry {
			if err := r.unregister(ctx, t.name, former); err != nil {
				return err
			}
		}
	}
	return errors.Join(errs...)
}

// adopt makes all that a target was told uncertain, so that everything is sent again:
// an empty host needs it, and a renamed one is not harmed. Tombstones stay.
func (r *run) adopt(ctx context.Context, t *targetState) error {
	var writes []Entry
	for _, entity := range []orgmodel.Entity{orgmodel.EntityDepartment, orgmodel.EntityPerson} {
		for e, err := range r.state.scan(ctx, t, entity) {
			if err != nil {
				return err
			}
			if !e.gone {
				e.hash = hash{}
				writes = append(writes, t.stored(entity, e.id, &e.entry))
			}
		}
	}
	t.DepartmentsOwed = true
	r.state.FullDue = t.name + " was adopted"
	writes = append(writes, t.storedMeta(), storedJSON(bucketMeta, keyMeta, r.state.meta))
	return r.state.put(ctx, writes...)
}
