package orgsync

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// Departments yields all departments (dept/getall). If the root is not among them, as in
// the vendor's sample, it is asked for (dept/get).
func (s *YunzhijiaDirectorySource) Departments(ctx context.Context) iter.Seq2[orgmodel.Department, error] {
	return func(yield func(orgmodel.Department, error) bool) {
		heads, err := s.heads(ctx)
		if err != nil {
			yield(orgmodel.Department{}, err)
			return
		}
		for d, err := range orgmodel.Convert(s.orgs(ctx), s.Adapter.Department) {
			if err == nil && s.Heads {
				d.SetManagerIDs(heads[d.ID]...)
			}
			if !yield(d, err) {
				return
			}
		}
	}
}

// heads returns who heads which department, if that is wanted.
func (s *YunzhijiaDirectorySource) heads(ctx context.Context) (map[string][]string, error) {
	if !s.Heads {
		return nil, nil
	}
	all := map[string][]string{}
	for head, err := range s.Client.AllOrgHeads(ctx, s.Pages) {
		if err != nil { // half of a list would take heads away
			return nil, err
		}
		id := strings.Clone(head.DepartmentID)
		all[id] = append(all[id], strings.Clone(head.OpenID))
	}
	for id, heads := range all {
		all[id] = compacted(heads)
	}
	return all, nil
}

// maxUp is how many levels may be missing above what is listed.
const maxUp = 100

func (s *YunzhijiaDirectorySource) orgs(ctx context.Context) iter.Seq2[yunzhijia.DirectoryOrg, error] {
	return func(yield func(yunzhijia.DirectoryOrg, error) bool) {
		var orgs []yunzhijia.DirectoryOrg
		known, tried := map[string]bool{}, map[string]bool{}
		var unread []error
		for org, err := range s.Client.AllDirectoryOrgs(ctx) {
			unreadable, one := errors.AsType[*yunzhijia.RowError](err)
			switch {
			case one:
				known[unreadable.ID] = true
				unread = append(unread, err)
			case err != nil:
				yield(org, err)
				return
			default:
				known[org.ID] = true
				orgs = append(orgs, org)
			}
		}
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(known, "")
			s.listed = known
		}()
		for range maxUp {
			missing := parentsMissing(orgs, known, tried)
			if len(missing) == 0 {
				break
			}
			for org, err := range s.Client.AllDirectoryOrgsByID(ctx, missing) {
				if e, ok := errors.AsType[*yunzhijia.Error](err); ok && e.Err == nil && e.Code != "" {
					break // refused: the root may still be known by its name
				}
				if err != nil {
					yield(org, err)
					return
				}
				known[org.ID] = true
				orgs = append(orgs, org)
			}
		}
		root, err := s.root(ctx, orgs)
		if err != nil {
			yield(yunzhijia.DirectoryOrg{}, err)
			return
		}
		for i := range orgs {
			if orgs[i].ID == root.ID {
				orgs[i].ParentID = ""
			}
		}
		if root.ID != "" && !known[root.ID] {
			root.ParentID, known[root.ID] = "", true
			orgs = append(orgs, root)
		}
		for org, err := range replayed(orgs, unread) {
			if !yield(org, err) {
				return
			}
		}
	}
}

// root asks for the root by its name, unless a department is one.
func (s *YunzhijiaDirectorySource) root(ctx context.Context, orgs []yunzhijia.DirectoryOrg) (yunzhijia.DirectoryOrg, error) {
	for _, org := range orgs {
		if org.ParentID == "" || org.Department == yunzhijia.RootOrg {
			return yunzhijia.DirectoryOrg{}, nil
		}
	}
	found, err := s.Client.GetDirectoryOrgsByName(ctx, []string{yunzhijia.RootOrg})
	if err != nil || len(found) != 1 {
		return yunzhijia.DirectoryOrg{}, err
	}
	return found[0], nil
}

// parentsMissing returns the parents that no department is and that were not asked for.
func parentsMissing(orgs []yunzhijia.DirectoryOrg, known, tried map[string]bool) []string {
	var ids []string
	for _, org := range orgs {
		id := org.ParentID
		if id != "" && !known[id] && !tried[id] && org.Department != yunzhijia.RootOrg {
			tried[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}
