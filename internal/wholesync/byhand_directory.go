package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// handDirectory reads by openimport: people as its pages come, and the side jobs first.
type handDirectory struct{ *hand }

type handDirectoryDepartment struct {
	ID       string `json:"id"`
	ParentID string `json:"parentId"`
	Name     string `json:"name"`
}

func (h handDirectory) departments(ctx context.Context) ([]handDepartment, error) {
	if err := h.login(ctx, `{"eid":"10001","secret":"s","scope":"resGroupSecret"}`); err != nil {
		return nil, err
	}
	var answer struct{ Data []handDirectoryDepartment }
	if err := h.ask(ctx, "dept/getall", struct{}{}, &answer); err != nil {
		return nil, err
	}
	all := make([]handDepartment, len(answer.Data))
	for i, d := range answer.Data {
		all[i] = handDepartment(d)
	}
	return all, nil
}

// handWindow is the page that a call asks for.
type handWindow struct {
	Begin int `json:"begin"`
	Count int `json:"count"`
}

func (h handDirectory) people(ctx context.Context) (map[string]handPerson, error) {
	sides := map[string]string{}
	for begin := 0; ; begin += directoryJobs {
		var page struct {
			Data []struct{ OpenID, OrgID string }
		}
		if err := h.ask(ctx, "company/queryPartTimeJobs", handWindow{begin, directoryJobs}, &page); err != nil {
			return nil, err
		}
		for _, job := range page.Data {
			if sides[job.OpenID] != "" {
				sides[job.OpenID] += ","
			}
			sides[job.OpenID] += job.OrgID
		}
		if len(page.Data) < directoryJobs {
			break
		}
	}
	people := map[string]handPerson{}
	for begin := 0; ; begin += directoryPeople {
		var page struct{ Data []handPerson }
		if err := h.ask(ctx, "person/getall", handWindow{begin, directoryPeople}, &page); err != nil {
			return nil, err
		}
		for _, p := range page.Data {
			p.Sides = sides[p.ID]
			people[p.ID] = p
		}
		if len(page.Data) < directoryPeople {
			return people, nil
		}
	}
}

func (h handDirectory) ask(ctx context.Context, name string, in, answer any) error {
	data, err := json.Marshal(in)
	if err != nil {
		return err
	}
	form := url.Values{"eid": {"10001"}, "data": {string(data)}}
	return h.call(ctx, http.MethodPost, pathOpenimport+name+"?accessToken="+h.token, []byte(form.Encode()), answer)
}
