package main

import (
	"context"
	"errors"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// pull reads all departments and the people who changed since the cursor, and
// returns the cursor for the next time. A program that lives longer stores the
// cursor once the push has succeeded.
func pull(ctx context.Context, source *yunzhijia.Client, since yunzhijia.Cursor) (*orgmodel.Directory, yunzhijia.Cursor, error) {
	var b orgmodel.Builder
	adapter := orgmodel.Yunzhijia{}
	pages := yunzhijia.PageOptions{Prefetch: 4}

	orgs := source.AllOrgs(ctx, pages)
	if err := b.AddDepartments(orgmodel.Convert(orgs, adapter.Department)); err != nil {
		return nil, "", err
	}

	// getallpersons is a feed of events: the last one of each person holds. Since
	// a cursor it holds only what changed, so nobody is gone for not being in it.
	options := []orgmodel.PullOption{orgmodel.LastWins}
	if since != yunzhijia.Beginning {
		options = append(options, orgmodel.Incremental)
	}
	feed := source.PersonFeed(since, pages)
	if err := b.AddPeople(orgmodel.Convert(feed.Events(ctx), adapter.Person), options...); err != nil {
		return nil, "", err
	}
	cursor, ok := feed.Cursor()
	if !ok {
		return nil, "", errors.New("the feed was not read to its end")
	}
	return b.Seal(), cursor, nil
}
