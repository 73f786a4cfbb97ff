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

type wirePartner struct {
	PartnerID    wire.Text     `json:"partnerId"`
	Code         wire.Text     `json:"code"`
	Name         wire.Text     `json:"name"`
	HasCertified wire.Bool     `json:"hasCertified"`
	EID          wire.Text     `json:"eid"`
	CompanyName  wire.Text     `json:"companyName"`
	Contacts     []wireContact `json:"contacts"`
}

// wireContact spells openid in lower case, unlike all people.
type wireContact struct {
	ContactID wire.Text `json:"contactId"`
	OpenID    wire.Text `json:"openid"`
	Name      wire.Text `json:"name"`
	Phone     wire.Text `json:"phone"`
}

func (w wirePartner) partner() Partner {
	return Partner{
		PartnerID:   string(w.PartnerID),
		Code:        string(w.Code),
		Name:        string(w.Name),
		Certified:   bool(w.HasCertified),
		EID:         string(w.EID),
		CompanyName: string(w.CompanyName),
		Contacts:    mapped(w.Contacts, wireContact.contact),
	}
}

func (w wireContact) contact() PartnerContact {
	return PartnerContact{
		ContactID: string(w.ContactID), OpenID: string(w.OpenID), Name: string(w.Name), Phone: string(w.Phone),
	}
}

var opListPartners = partnerOp("getPartners", kernel.Read)

// ListPartners reads one page of the partners that changed since a moment, or
// of all partners if since is zero (getPartners). A page with fewer rows than
// Count is the last.
func (c *Client) ListPartners(ctx context.Context, since time.Time, p PageRequest) ([]Partner, error) {
	r := newRequest(opListPartners)
	if !since.IsZero() {
		if since.UnixMilli() < 0 {
			r.refuse("since", "is before 1970")
		}
		r.form.Set("time", strconv.FormatInt(since.UnixMilli(), 10))
	}
	r.page(p, maxCount)

	type wirePage struct {
		Partners []wirePartner `json:"partners"`
	}
	return call(ctx, c, r, required(func(data *wirePage) ([]Partner, error) {
		return mapped(data.Partners, wirePartner.partner), nil
	}))
}

// AllPartners ranges over the partners that changed since a moment, or over
// all of them if since is zero.
func (c *Client) AllPartners(ctx context.Context, since time.Time, options PageOptions) iter.Seq2[Partner, error] {
	return listing[Partner]{
		op: opListPartners, most: maxCount,
		// 如果输出条数不足count条,表示分页拉取已结束
		end: atShortPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[Partner], error) {
			return flat(c.ListPartners(ctx, since, p))
		},
	}.all(ctx, options)
}
