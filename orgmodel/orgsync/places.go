package orgsync

import (
	"fmt"
	"sync"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// place stands for a department in the entry of a person: a hash of its id, cut to 40
// bits, because the state has one for every person and target, below a bit that is always
// set. 0 is none.
type place uint64

const (
	placeSize = 5
	placeBit  = 1 << (8 * placeSize)
)

// append appends the place as text: five bytes, or none.
func (p place) append(b []byte) []byte {
	if p == 0 {
		return append(b, 0)
	}
	return append(b, placeSize, byte(p>>32), byte(p>>24), byte(p>>16), byte(p>>8), byte(p)) // #nosec G115 -- byte by byte
}

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
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.make(id)
}

func (p *places) make(id string) place {
	at, known := p.of[id]
	if !known {
		at = placeBit | place(p.hash.number(kindPlace, id)>>(64-8*placeSize))
		p.of[id] = at
	}
	return at
}

// department returns the id of a place. One that the source does not list any more
// is named by its hash.
func (p *places) department(at place) string {
	if at == 0 {
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
	return fmt.Sprintf("unlisted-%0*x", 2*placeSize, uint64(at&^placeBit))
}

// byDepartment returns counts by place as counts by department.
func (p *places) byDepartment(counts map[place]int) map[string]int {
	named := make(map[string]int, len(counts))
	for at, n := range counts {
		named[p.department(at)] += n
	}
	return named
}
