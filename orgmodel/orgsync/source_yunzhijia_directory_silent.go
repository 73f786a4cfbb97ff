package orgsync

import (
	"context"
	"encoding/base64"
	"errors"
	"hash/fnv"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// jobChunk is how many people's jobs are asked for at once where the list is in doubt.
const jobChunk = 200

// readSilent reads the side jobs of everyone and, if they are wanted, the superiors.
func (r *directoryReading) readSilent(ctx context.Context) error {
	s := r.source
	r.silent = map[string]silent{}
	for job, err := range s.Client.AllSideJobs(ctx, s.Pages) {
		unreadable, one := errors.AsType[*yunzhijia.RowError](err)
		switch {
		case one && unreadable.ID != "":
			r.doubts[unreadable.ID] = true
		case one, errors.Is(err, yunzhijia.ErrSlid):
			r.unsure = true
		case err != nil:
			return err
		case job.OpenID == "" || job.OrgID == "":
			r.unsure = true
		default:
			now := r.silent[job.OpenID]
			now.sides = append(now.sides, strings.Clone(job.OrgID))
			r.silent[strings.Clone(job.OpenID)] = now
		}
	}
	if s.Superiors {
		for rel, err := range s.Client.AllReportingLines(ctx, yunzhijia.SuperiorSelected, s.Pages) {
			if err != nil { // half of a list would take superiors away
				return err
			}
			now := r.silent[rel.OpenID]
			now.superiors = append(now.superiors, strings.Clone(rel.LeaderOpenID))
			r.silent[strings.Clone(rel.OpenID)] = now
		}
	}
	for id, now := range r.silent { // their order is not documented, and rows may come twice
		r.silent[id] = silent{compacted(now.sides), compacted(now.superiors)}
	}
	if err := s.dropGone(ctx, r.silent); err != nil {
		return err
	}
	if r.since.Memory != "" { // a list that was cut short looks like side jobs that ended
		r.differing = differing(r.silent, r.since.Memory)
		for _, id := range r.differing {
			r.doubts[id] = true
		}
	} else {
		r.differing = differing(r.silent, "")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = r.silent
	if r.unsure || len(r.doubts) > 0 {
		s.silent = nil // point reads ask
	}
	return nil
}

func compacted(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// joined puts records and silent parts together. Where the list of side jobs is in doubt,
// the people concerned are asked for, 200 a call.
func (r *directoryReading) joined(ctx context.Context, people iter.Seq2[yunzhijia.DirectoryPerson, error]) iter.Seq2[member, error] {
	return func(yield func(member, error) bool) {
		var waiting []yunzhijia.DirectoryPerson
		flush := func() bool {
			ids := make([]string, len(waiting))
			for i, p := range waiting {
				ids[i] = p.OpenID
			}
			jobs, err := r.source.jobsOf(ctx, ids)
			if err != nil && !isUnclear(unclear(err)) {
				yield(member{}, err)
				return false
			}
			for _, p := range waiting {
				now, known := jobs[p.OpenID]
				if !known {
					r.unread = append(r.unread, strings.Clone(p.OpenID))
					if !yield(member{}, jobsMissing(p.OpenID)) {
						return false
					}
					continue
				}
				now.superiors = r.silent[p.OpenID].superiors
				r.silent[p.OpenID] = now
				if !yield(member{p, now}, nil) {
					return false
				}
			}
			waiting = waiting[:0]
			return true
		}
		for p, err := range people {
			if err == nil && p.Status == yunzhijia.StatusActive && (r.unsure || r.doubts[p.OpenID]) {
				waiting = append(waiting, detachedPerson(p))
				if len(waiting) == jobChunk && !flush() {
					return
				}
				continue
			}
			if !yield(member{p, r.silent[p.OpenID]}, err) {
				return
			}
		}
		if len(waiting) > 0 {
			flush()
		}
	}
}

// detachedPerson is p without a hold on its page.
func detachedPerson(p yunzhijia.DirectoryPerson) yunzhijia.DirectoryPerson {
	p.OpenID = strings.Clone(p.OpenID)
	return p
}

func jobsMissing(id string) error {
	return &yunzhijia.RowError{
		Op: "relation/queryPersonOrgJobInfo", ID: id, Field: "slaveInfos", Problem: "is missing, and the list of side jobs is in doubt",
	}
}

// jobsOf reads the side departments of people by their ids. Someone whose row cannot be
// read is left out.
func (s *YunzhijiaDirectorySource) jobsOf(ctx context.Context, ids []string) (map[string]silent, error) {
	found := make(map[string]silent, len(ids))
	for jobs, err := range s.Client.AllPersonJobs(ctx, ids) {
		if _, one := errors.AsType[*yunzhijia.RowError](err); one {
			continue
		}
		if err != nil {
			return nil, err
		}
		var now silent
		for _, job := range jobs.Sides {
			if job.OrgID != "" && !s.isGone(job.OrgID) {
				now.sides = append(now.sides, strings.Clone(job.OrgID))
			}
		}
		now.sides = compacted(now.sides)
		found[strings.Clone(jobs.OpenID)] = now
	}
	return found, nil
}

// maxGone is how many departments that are not listed are asked for: more of them cast a
// doubt on the list.
const maxGone = 1000

// dropGone leaves out side jobs in departments that are neither listed nor there when asked
// for, as the jobs of a deleted department may be: they would keep all else of a person
// from the targets. If the vendor does not answer, or knows such a department, they stay.
func (s *YunzhijiaDirectorySource) dropGone(ctx context.Context, all map[string]silent) error {
	s.mu.Lock()
	listed := s.listed
	s.mu.Unlock()
	people := map[string]int{}
	for _, now := range all {
		for _, id := range now.sides {
			if !listed[id] {
				people[id]++
			}
		}
	}
	if len(listed) == 0 || len(people) == 0 || len(people) > maxGone {
		return ctx.Err()
	}
	gone := map[string]bool{}
	certain := slices.Min(slices.Collect(maps.Keys(listed)))
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(people)), pointChunk-1) {
		found, err := s.Client.GetDirectoryOrgs(ctx, append([]string{certain}, chunk...))
		if err != nil || !slices.ContainsFunc(found, func(o yunzhijia.DirectoryOrg) bool { return o.ID == certain }) {
			continue
		}
		for _, id := range chunk {
			if !slices.ContainsFunc(found, func(o yunzhijia.DirectoryOrg) bool { return o.ID == id }) {
				gone[id] = true
				s.note("department %s does not exist: its side jobs (%d) are left out", id, people[id])
			}
		}
	}
	for id, now := range all {
		if slices.ContainsFunc(now.sides, func(id string) bool { return gone[id] }) {
			now.sides = slices.DeleteFunc(now.sides, func(id string) bool { return gone[id] })
			all[id] = now
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = gone
	return ctx.Err()
}

func (s *YunzhijiaDirectorySource) isGone(orgID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone[orgID]
}

// remember writes down what the next reading compares with: a line for each person who
// has any of it, the id and a hash. What was remembered of those who did not come stays.
func (r *directoryReading) remember() string {
	digests := make(map[string]string, len(r.silent))
	for id, now := range r.silent {
		if !now.isNone() {
			digests[id] = now.digest()
		}
	}
	was := digestsOf(r.since.Memory)
	for _, id := range r.unread {
		if delete(digests, id); was[id] != "" {
			digests[id] = was[id]
		}
	}
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(digests)) {
		b.WriteString(id + "\t" + digests[id] + "\n")
	}
	return b.String()
}

func digestsOf(memory string) map[string]string {
	digests := map[string]string{}
	for line := range strings.Lines(memory) {
		if id, digest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok {
			digests[id] = digest
		}
	}
	return digests
}

func (s silent) digest() string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(s.sides, "\x00") + "\x01" + strings.Join(s.superiors, "\x00")))
	return base64.RawStdEncoding.EncodeToString(h.Sum(nil))
}

// differing returns the ids of those who have something else than what was remembered,
// nothing any more included.
func differing(now map[string]silent, memory string) []string {
	was := digestsOf(memory)
	var ids []string
	for id, s := range now {
		if !s.isNone() && was[id] != s.digest() {
			ids = append(ids, id)
		}
		delete(was, id)
	}
	ids = append(ids, slices.Collect(maps.Keys(was))...)
	slices.Sort(ids)
	return ids
}
