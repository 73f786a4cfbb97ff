package yunzhijiatest

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

type partner struct {
	yunzhijia.Partner

	changed time.Time
}

// network is what searchNetwork finds.
type network struct {
	yunzhijia.FoundTeam

	phone string
}

// AddPartner adds partner companies.
func (t *Team) AddPartner(partners ...yunzhijia.Partner) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range partners {
		p.Contacts = slices.Clone(p.Contacts)
		t.partners = append(t.partners, partner{p, t.server.now()})
	}
}

// AddOtherTeam makes other teams known, with the phone of someone in them: searchNetwork
// finds them, and createPartners can make them partners.
func (t *Team) AddOtherTeam(phone string, teams ...yunzhijia.FoundTeam) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, other := range teams {
		t.networks = append(t.networks, network{other, phone})
	}
}

// AddNetwork is the former name of [Team.AddOtherTeam].
//
// Deprecated: use [Team.AddOtherTeam].
func (t *Team) AddNetwork(phone string, teams ...yunzhijia.FoundTeam) {
	t.AddOtherTeam(phone, teams...)
}

// Partners returns the partners as they are now.
func (t *Team) Partners() []yunzhijia.Partner {
	t.mu.Lock()
	defer t.mu.Unlock()
	partners := make([]yunzhijia.Partner, 0, len(t.partners))
	for _, p := range t.partners {
		p.Contacts = slices.Clone(p.Contacts)
		partners = append(partners, p.Partner)
	}
	return partners
}

// oPartner spells openid in lower case and has hasCertified as a number.
type oPartner struct {
	PartnerID    string     `json:"partnerId"`
	Code         string     `json:"code"`
	Name         string     `json:"name"`
	HasCertified int        `json:"hasCertified"`
	EID          string     `json:"eid"`
	CompanyName  string     `json:"companyName"`
	Contacts     []oContact `json:"contacts"`
}

type oContact struct {
	Name      string `json:"name"`
	Phone     string `json:"phone"`
	OpenID    string `json:"openid"`
	ContactID string `json:"contactId"`
}

func (t *Team) getPartners(in values) (any, *refusal) {
	since, err := strconv.ParseInt(in.text("time"), 10, 64)
	everything := err != nil
	found := []oPartner{}
	for _, p := range t.partners {
		if !everything && p.changed.UnixMilli() <= since {
			continue
		}
		o := oPartner{
			PartnerID: p.PartnerID, Code: p.Code, Name: p.Name, HasCertified: digit(p.Certified), EID: p.EID,
			CompanyName: p.CompanyName, Contacts: []oContact{},
		}
		for _, c := range p.Contacts {
			o.Contacts = append(o.Contacts, oContact{c.Name, c.Phone, c.OpenID, c.ContactID})
		}
		found = append(found, o)
	}
	from, to := in.window(maxCount)
	return struct {
		Partners []oPartner `json:"partners"`
	}{cut(found, from, to)}, nil
}

func (t *Team) searchNetwork(in values) (any, *refusal) {
	type oNetwork struct {
		EID       string `json:"eid"`
		NetworkID string `json:"networkId"`
		Name      string `json:"name"`
	}
	found := []oNetwork{}
	for _, n := range t.networks {
		if n.phone == in.text("phone") && n.Name == in.text("name") {
			found = append(found, oNetwork{n.EID, n.NetworkID, n.Name})
		}
	}
	return struct {
		Newtorks []oNetwork `json:"newtorks"` // the vendor's spelling
	}{found}, nil
}

// empty is the data of the two writes.
type empty struct{}

func (t *Team) createPartner(in values) (any, *refusal) {
	eid, phone := in.text("partnerEid"), in.text("partnerPhone")
	if me := t.byID([]string{in.text("myOid")}); len(me) == 0 || me[0].Status == yunzhijia.StatusLeft {
		return nil, &refusal{codeState, "myOid is not in the team"}
	}
	n := slices.IndexFunc(t.networks, func(n network) bool { return n.EID == eid && n.phone == phone })
	if n < 0 {
		return nil, &refusal{codeState, "no such team, or nobody there has that phone"}
	}
	if t.findPartner(eid) >= 0 {
		return nil, &refusal{codeState, "is a partner already"}
	}
	name := t.networks[n].Name
	t.partners = append(t.partners, partner{yunzhijia.Partner{
		PartnerID: fmt.Sprintf("partner-%s", eid), Code: eid, Name: name, EID: eid, CompanyName: name,
		Contacts: []yunzhijia.PartnerContact{{ContactID: fmt.Sprintf("contact-%s-1", eid), Name: name, Phone: phone}},
	}, t.server.now()})
	return empty{}, nil
}

func (t *Team) deleteContact(in values) (any, *refusal) {
	id := in.text("contactId")
	if i := t.findPartner(in.text("partnerEid")); i >= 0 {
		p := &t.partners[i]
		if c := slices.IndexFunc(p.Contacts, func(c yunzhijia.PartnerContact) bool { return c.ContactID == id }); c >= 0 {
			p.Contacts = slices.Delete(p.Contacts, c, c+1)
			p.changed = t.server.now()
			return empty{}, nil
		}
	}
	return nil, &refusal{codeState, "no such contact"}
}

func (t *Team) findPartner(eid string) int {
	return slices.IndexFunc(t.partners, func(p partner) bool { return p.EID == eid })
}
