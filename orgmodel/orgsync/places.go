package orgsync

import (
	"encoding/hex"
	"sync"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// place stands for a department in the entry of a person: a hash of its id, cut to 40
// bits, because the state has one for every person and target. "" is none.
type place string

// places knows places by department and departments by place. It is safe for
// concurrent use.
type places struct {
	mu   sync.Mutex
	hash *hasher
	org  *orgmodel.Directory
	of   map[string]place
	ids  map[place]string
}

func newPlaces(key []byte, org *orgmodel.Directory) *places {
	return &places{hash: newHasher(key), org: org, of: map[string]place{}}
}

// place returns that of a department.
func (p *places) place(id string) place {
	if id == "" {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.make(id)
}

func (p *places) make(id string) place {
	at, known := p.of[id]
	if !known {
		n := p.hash.number(kindPlace, id)
		at = place([]byte{byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24)}) // #nosec G115 -- the upper 40 bits
		p.of[id] = at
	}
	return at
}

// department returns the id of a place. One that the source does not list any more
// is named by its hash.
func (p *places) department(at place) string {
	if at == "" {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ids == nil {
		p.ids = map[place]string{}
		for d := range p.org.Departments() {
			p.ids[p.make(d.ID)] = d.ID
		}
	}
	if id, known := p.ids[at]; known {
		return id
	}
	return "unlisted-" + hex.EncodeToString([]byte(at))
}

// byDepartment returns counts by place as counts by department.
func (p *places) byDepartment(counts map[place]int) map[string]int {
	named := make(map[string]int, len(counts))
	for at, n := range counts {
		named[p.department(at)] += n
	}
	return named
}
