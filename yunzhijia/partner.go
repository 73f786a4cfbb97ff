package yunzhijia

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"strconv"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/page"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// Partner is a partner company (合作伙伴) of the team.
type Partner struct {
	PartnerID   string           `json:"partnerId"`
	Code        string           `json:"code"`
	Name        string           `json:"name"` // of the company, or of its administrator: the vendor's pages differ
	Certified   bool             `json:"hasCertified"`
	EID         string           `json:"eid"` // the partner's own team
	CompanyName string           `json:"companyName"`
	Contacts    []PartnerContact `json:"contacts"`
}

// LogValue shows ids.
func (p Partner) LogValue() slog.Value {
	return slog.GroupValue(slog.String("partnerId", p.PartnerID), slog.String("eid", p.EID))
}

// Format prints [Partner.LogValue] whatever the verb.
func (p Partner) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.Partner", p.LogValue()) }

// PartnerContact is a person at a partner company.
type PartnerContact struct {
	ContactID string `json:"contactId"`
	OpenID    string `json:"openid"` // "" if the contact is not at 云之家
	Name      string `json:"name"`
	Phone     string `json:"phone"` // may be masked
}

// LogValue shows ids.
func (p PartnerContact) LogValue() slog.Value {
	return slog.GroupValue(slog.String("contactId", p.ContactID), slog.String("openId", p.OpenID))
}

// Format prints [PartnerContact.LogValue] whatever the verb.
func (p PartnerContact) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.PartnerContact", p.LogValue())
}

func readPartner(s *wire.Scanner, p *Partner) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "partnerId":
			seen.Once(s, 0, "partnerId")
			p.PartnerID = s.Text("partnerId", wire.Strict)
		case "code":
			seen.Once(s, 1, "code")
			p.Code = s.Text("code", wire.Strict)
		case "name":
			seen.Once(s, 2, "name")
			p.Name = s.Text("name", wire.Strict)
		case "hasCertified":
			seen.Once(s, 3, "hasCertified")
			p.Certified, _ = s.Flag("hasCertified")
		case "eid":
			seen.Once(s, 4, "eid")
			p.EID = s.Text("eid", wire.Strict)
		case "companyName":
			seen.Once(s, 5, "companyName")
			p.CompanyName = s.Text("companyName", wire.Strict)
		case "contacts":
			seen.Once(s, 6, "contacts")
			p.Contacts = readList(s, "contacts", readContact)
		default:
			s.Skip()
		}
	}
	return p.PartnerID
}

// readContact spells openid in lower case, unlike all people.
func readContact(s *wire.Scanner, c *PartnerContact) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "contactId":
			seen.Once(s, 0, "contactId")
			c.ContactID = s.Text("contactId", wire.Strict)
		case "openid":
			seen.Once(s, 1, "openid")
			c.OpenID = s.Text("openid", wire.Strict)
		case "name":
			seen.Once(s, 2, "name")
			c.Name = s.Text("name", wire.Strict)
		case "phone":
			seen.Once(s, 3, "phone")
			c.Phone = s.Text("phone", wire.Strict)
		default:
			s.Skip()
		}
	}
	return c.ContactID
}

var opListPartners = partnerOp("getPartners", kernel.Read)

// ListPartners reads one page of the partners that changed since a moment, or
// of all partners if since is zero (getPartners). A page with fewer rows than
// Count is the last.
func (c *Client) ListPartners(ctx context.Context, since time.Time, p PageRequest) ([]Partner, error) {
	return result(c.partners(ctx, since, p))
}

func (c *Client) partners(ctx context.Context, since time.Time, p PageRequest) (rows[Partner], error) {
	r := newRequest(opListPartners)
	if !since.IsZero() {
		if since.UnixMilli() < 0 {
			r.refuse("since", "is before 1970")
		}
		r.form.Set("time", strconv.FormatInt(since.UnixMilli(), 10))
	}
	r.page(p, maxCount)
	return call(ctx, c, r, func(s *wire.Scanner) (list rows[Partner]) {
		var seen wire.Seen
		for more := s.Object("data"); more; more = s.More('}') {
			if string(s.Key()) != "partners" {
				s.Skip()
				continue
			}
			seen.Once(s, 0, "data.partners")
			list = readRows(s, opListPartners.Name, "data.partners", readPartner)
		}
		seen.Need(s, 0, "data.partners")
		return list
	})
}

// AllPartners ranges over the partners that changed since a moment, or over all of them if since
// is zero (getPartners).
func (c *Client) AllPartners(ctx context.Context, since time.Time, options PageOptions) iter.Seq2[Partner, error] {
	return listing[Partner]{
		op: opListPartners, most: maxCount,
		// 如果输出条数不足count条,表示分页拉取已结束
		end: atShortPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[record[Partner]], error) {
			return flat(c.partners(ctx, since, p))
		},
	}.all(ctx, options)
}
