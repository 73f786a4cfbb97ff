package main

import (
	"errors"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// simulatedTenant keeps the state of simulations apart, should there be a file.
const simulatedTenant = "simulated"

// simulate puts simulators in the place of all vendors. They start anew with every
// run, whatever a state file says they were told.
func simulate(set settings) (settings, error) {
	// WithContacts: without phones, which few apps are granted, 兔展 and 云简 take no one.
	source := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(40, 2000), yunzhijiatest.WithContacts())
	care, rabbit, travel := aiguanhuaitest.NewInMemory(), tuzhantest.NewInMemory(), yunjiantest.NewInMemory()

	reads, err1 := yunzhijia.New(source.Config(), yunzhijia.WithHTTPClient(source.HTTPClient()))
	cares, err2 := aiguanhuai.New(care.Config(), aiguanhuai.WithHTTPClient(care.HTTPClient()))
	rabbits, err3 := tuzhan.New(rabbit.Config(), tuzhan.WithHTTPClient(rabbit.HTTPClient()))
	travels, err4 := yunjian.New(travel.Config(), yunjian.WithHTTPClient(travel.HTTPClient()))

	set.tenant, set.simulated = simulatedTenant, true
	set.source = &orgsync.YunzhijiaSource{Client: reads}
	set.targets = []orgsync.Target{
		&orgsync.AiguanhuaiTarget{Client: cares},
		&orgsync.TuzhanTarget{Client: rabbits},
		&orgsync.YunjianTarget{Client: travels},
	}
	set.close = func() { source.Close(); care.Close(); rabbit.Close(); travel.Close() }
	return set, errors.Join(err1, err2, err3, err4)
}
