package orgsync_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// A number that is unknown, blank, masked or unreadable changes no one's account, while
// everything else about the person still arrives.
func TestI21_seacatauth18(t *testing.T) {
	t.Parallel()
	for name, no := range map[string]string{
		"missing": "", "blank": "  ", "blank before": " E00005", "blank behind": "E00005 ", "blank within": "E00 005",
		"masked": "E0***5", "stars": "****", "dash": "-", "not available": "N/A", "none": "无", "zero": "0",
		"error": "#N/A", "scientific": "1.38E+10", "zero width": "E000\u200b05", "mark": "\ufeffE00005", "ideographic blank": "E00005\u3000",
		"direction": "\u202dE00005\u202c", "replacement": "E00\ufffd05", "invisible": "\u200b",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.sync()
			s.source.UpdatePerson(sceneID(5), func(p *yunzhijia.Person) { p.JobNo, p.Name = no, "改名" })
			s.sync()
			require.Len(t, s.users(), 12, "%v", slices.Sorted(maps.Keys(s.users())))
			s.requireStatus(sceneNo(5), false)
			assert.Equal(t, "改名", s.users()[sceneNo(5)].FullName)
			assert.Equal(t, sceneNo(5), s.members()[sceneID(5)].Account)
			assert.Equal(t, "改名", s.members()[sceneID(5)].RealName)
			s.number(sceneID(5), sceneNo(5))
			s.sync(orgsync.RunOptions{Full: true})
			s.requireStatus(sceneNo(5), false)
			require.Len(t, s.users(), 12)
		})
	}
}

// A full reading in which no one has a number is not a company with other people in it.
func TestI21_eduvpn151(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 80)
	s.sync()
	for n := 1; n <= 80; n++ {
		s.number(sceneID(n), "")
	}
	s.sync(orgsync.RunOptions{Full: true})
	require.Len(t, s.users(), 80)
	for n := 1; n <= 80; n++ {
		s.requireStatus(sceneNo(n), false)
		s.number(sceneID(n), sceneNo(n))
	}
	s.sync()
	s.requireRight()
}

// A leaver whose number is blank by then is disabled under the number that is held.
func TestI21_leaverWithoutNumber(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.sync()
	s.number(sceneID(5), "")
	s.source.Leave(sceneID(5))
	s.sync()
	s.requireStatus(sceneNo(5), true)
	require.Len(t, s.users(), 12)
	require.Equal(t, sceneNo(5), s.members()[sceneID(5)].Account)
}

// Someone hired without a number is known by the id, and gets the number later: the
// fallback is retired.
func TestI21_nextcloud15167(t *testing.T) {
	t.Parallel()
	for name, blank := range map[string]string{"missing": "", "masked": "E9***1", "placeholder": "无"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.sync()
			s.hire("person-new", blank)
			s.sync()
			s.requireStatus("person-new", false)
			s.number("person-new", "E90001")
			s.sync()
			s.requireStatus("person-new", true)
			s.requireRight()
			s.number("person-new", "")
			s.sync()
			s.requireStatus("E90001", false)
			s.requireStatus("person-new", true)
		})
	}
}

// With the number as the only key, a number that is not told keeps the account too.
func TestI21_estuary1802(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.ty.Adapter.UserNo, s.ta.Adapter.Account = orgmodel.KeyEmployeeNo, orgmodel.KeyEmployeeNo
	s.sync()
	s.source.UpdatePerson(sceneID(5), func(p *yunzhijia.Person) { p.JobNo, p.Name = "", "改名" })
	s.sync()
	require.Len(t, s.users(), 12)
	require.Equal(t, "改名", s.users()[sceneNo(5)].FullName)
	require.Equal(t, "改名", s.members()[sceneID(5)].RealName)
}

// sceneRoster is a roster that gives numbers, and lacks some rows on some days.
type sceneRoster struct {
	numbers map[string]string
	digest  string
}

func (r *sceneRoster) option() orgsync.Option {
	return orgsync.WithEnrichment(orgsync.Enrichment{
		Digest: func() string { return r.digest },
		Person: func(p orgmodel.Person) (orgmodel.Person, error) {
			if no, there := r.numbers[p.ID]; there {
				p.SetEmployeeNo(no)
			} else {
				p.Forget(orgmodel.PersonEmployeeNo)
			}
			return p, nil
		},
	})
}

// Eight rows of the roster are missing for a day: no one is disabled, no one is created.
func TestI37_eightRowsMissingForADay(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 40)
	roster := &sceneRoster{numbers: map[string]string{}, digest: "monday"}
	for n := 1; n <= 40; n++ {
		s.number(sceneID(n), "")
		roster.numbers[sceneID(n)] = sceneNo(n)
	}
	s.options = []orgsync.Option{roster.option()}
	s.sync()
	require.Len(t, s.users(), 40)
	for n := 11; n <= 18; n++ {
		delete(roster.numbers, sceneID(n))
	}
	roster.digest = "tuesday"
	s.source.UpdatePerson(sceneID(12), func(p *yunzhijia.Person) { p.JobTitle = "变更" })
	report := s.sync()
	require.True(t, report.Reading.Full)
	for n := 11; n <= 18; n++ {
		s.requireStatus(sceneNo(n), false)
		roster.numbers[sceneID(n)] = sceneNo(n)
		require.Equal(t, sceneNo(n), s.members()[sceneID(n)].Account)
	}
	require.Len(t, s.users(), 40)
	roster.digest = "wednesday"
	s.sync()
	require.Len(t, s.users(), 40)
	require.Equal(t, "变更", s.members()[sceneID(12)].Position.Or(""))
}

// A newcomer whose row is missing as well gets the id, and exactly the number's account
// in the end.
func TestI37_newcomerBeforeTheRoster(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	roster := &sceneRoster{numbers: map[string]string{}, digest: "1"}
	for n := 1; n <= 12; n++ {
		roster.numbers[sceneID(n)] = sceneNo(n)
	}
	s.options = []orgsync.Option{roster.option()}
	s.sync()
	s.hire("person-new", "")
	s.sync()
	s.requireStatus("person-new", false)
	roster.numbers["person-new"], roster.digest = "E90001", "2"
	s.sync()
	s.requireStatus("E90001", false)
	s.requireStatus("person-new", true)
	require.Equal(t, "E90001", s.members()["person-new"].Account)
}

// A key setting that changes re-keys everyone by renames, after an approval.
func TestI21_keySettingChanges(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.ty.Adapter.UserNo, s.ta.Adapter.Account = orgmodel.KeyID, orgmodel.KeyID
	s.sync()
	s.ty.Adapter.UserNo, s.ta.Adapter.Account = orgmodel.KeyEmployeeNoOrID, orgmodel.KeyEmployeeNoOrID
	_, err := s.run()
	guard := &orgsync.GuardError{}
	require.ErrorAs(t, err, &guard)
	require.Len(t, s.users(), 12, "nothing is sent without an approval")
	s.sync(orgsync.RunOptions{Approve: orgsync.Approve{Digest: guard.Digest}})
	s.requireRight()
	for n := 1; n <= 12; n++ {
		s.requireStatus(sceneID(n), true)
	}
}

// A number in another case, or in full width, is the same number: an endpoint that folds
// case would disable the only account a person has, as the earlier one
// (redmine_ldap_sync #54, glpi #1837, opengever PR 7191).
func TestI21_redmineLDAPSync54(t *testing.T) {
	t.Parallel()
	for name, no := range map[string]string{"case": "e00005", "width": "Ｅ０0005", "both": "ｅ00005"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.sync()
			s.source.UpdatePerson(sceneID(5), func(p *yunzhijia.Person) { p.JobNo, p.Name = no, "改名" })
			for _, full := range []bool{false, true} {
				s.sync(orgsync.RunOptions{Full: full})
				require.Len(t, s.users(), 12, "%v", slices.Sorted(maps.Keys(s.users())))
				s.requireStatus(sceneNo(5), false)
				assert.Equal(t, "改名", s.users()[sceneNo(5)].FullName)
				assert.Equal(t, sceneNo(5), s.members()[sceneID(5)].Account)
			}
			s.number(sceneID(5), "E70005")
			s.sync()
			s.requireStatus(sceneNo(5), true)
			s.requireStatus("E70005", false)
		})
	}
}

// Everyone's name is written in other code points, and is the same name.
func TestI34_namesInOnePieceOrInTwo(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 80)
	write := func(name string) {
		for n := 1; n <= 80; n++ {
			s.source.UpdatePerson(sceneID(n), func(p *yunzhijia.Person) { p.Name = name })
		}
	}
	write("Jos\u00e9")
	s.sync()
	write("Jose\u0301")
	r := s.sync(orgsync.RunOptions{Full: true})
	for _, target := range r.Targets {
		require.Empty(t, target.Done, target.Name)
	}
}
