package orgsync

import (
	"context"
	"sync"
	"unicode"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// A client masks in a vendor's message what its own call sent, but the message may
// name other people: the one, say, who has the mobile already. Such a name is found
// in this reading, or by its keyed hash in the state.
type nameMasker struct {
	state *state
	org   *orgmodel.Directory

	mu   sync.Mutex
	read map[string]bool // names in this reading, made when first needed
}

const (
	shortestName = 2 // one letter is in every text
	longestName  = 10
)

// mask returns a text for a report or a log, without anyone's name. Texts that
// cannot be looked up are not shown.
func (m *nameMasker) mask(ctx context.Context, text string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	runes := []rune(text)
	var masked []rune
	for i := 0; i < len(runes); {
		length := min(longestName, len(runes)-i)
		for ; length >= shortestName; length-- {
			name := runes[i : i+length]
			if !couldBeName(name) {
				continue
			}
			known, err := m.known(ctx, string(name))
			if err != nil {
				return "(a message that could not be checked for names)"
			}
			if known {
				break
			}
		}
		if length >= shortestName {
			masked, i = append(masked, []rune("***")...), i+length
			continue
		}
		masked, i = append(masked, runes[i]), i+1
	}
	return string(masked)
}

// couldBeName spares the lookup of what begins or ends with no letter.
func couldBeName(runes []rune) bool {
	return unicode.IsLetter(runes[0]) && unicode.IsLetter(runes[len(runes)-1])
}

func (m *nameMasker) known(ctx context.Context, name string) (bool, error) {
	if m.read == nil {
		m.read = map[string]bool{}
		for p := range m.org.People() {
			if p.Known.Has(orgmodel.PersonName) {
				m.read[p.Name] = true
			}
		}
	}
	if m.read[name] {
		return true, nil
	}
	ids, err := m.state.names.find(ctx, name)
	return len(ids) > 0, err
}
