package main

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/internal/simkit"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// simulator is what the four servers have in common, apart from the vendor's own types.
type simulator interface {
	Inject(faults ...simkit.Fault)
	RequestsTo(op string) []simkit.Request
	Requests() []simkit.Request
	Count(op string) int
	Close()
}

// pair is a simulator and what the client does that it made for itself: a call, with Op and
// Code of its *Error, and every call that there is. Of 云之家 every call is in the tests of
// package yunzhijia.
type pair struct {
	simulator
	call  func(ctx context.Context) (op, code string, err error)
	every func(ctx context.Context) error
}

var starts = map[string]func(now func() time.Time, hook func(op string)) pair{
	"aiguanhuai": func(now func() time.Time, hook func(op string)) pair {
		srv := aiguanhuaitest.NewInMemory(aiguanhuaitest.WithClock(now))
		client := srv.Client(aiguanhuai.WithHook(func(_ context.Context, a aiguanhuai.Attempt) { hook(a.Op) }))
		person := []aiguanhuai.Person{{UserID: "1001", Account: "1001", RealName: "张三", Status: aiguanhuai.StatusActive}}
		every := func(ctx context.Context) error {
			_, err1 := client.PushAll(ctx, listed([]aiguanhuai.Department{
				{DepartmentID: "d1", DepartmentName: "总部", Status: aiguanhuai.StatusActive},
			}), listed(person))
			_, err2 := client.UpdatePeople(ctx, person)
			return errors.Join(err1, err2)
		}
		return pair{srv, func(ctx context.Context) (string, string, error) {
			_, err := client.PrepareTask(ctx)
			e, _ := errors.AsType[*aiguanhuai.Error](err)
			if e == nil {
				e = new(aiguanhuai.Error)
			}
			return e.Op, e.Code, err
		}, every}
	},
	"tuzhan": func(now func() time.Time, hook func(op string)) pair {
		srv := tuzhantest.NewInMemory(tuzhantest.WithClock(now))
		client := srv.Client(tuzhan.WithHook(func(_ context.Context, a tuzhan.Attempt) { hook(a.Op) }))
		root := []tuzhan.Department{{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D1", DeptName: "总公司"}}
		every := func(ctx context.Context) error {
			_, err1 := client.UpdateDepartments(ctx, root)
			_, err2 := client.AddEmployees(ctx, []tuzhan.Employee{{
				ThirdUserID: "1001", ChannelName: "张三", Phone: "13800000001", ThirdDeptID: "D1",
				UserType: tuzhan.UserTypeOfficialAccount, RoleKeys: []tuzhan.RoleKey{tuzhan.RoleEmployee},
			}})
			return errors.Join(err1, err2)
		}
		return pair{srv, func(ctx context.Context) (string, string, error) {
			_, err := client.AddDepartments(ctx, root)
			e, _ := errors.AsType[*tuzhan.Error](err)
			if e == nil {
				e = new(tuzhan.Error)
			}
			return e.Op, e.Code, err
		}, every}
	},
	"yunjian": func(now func() time.Time, hook func(op string)) pair {
		srv := yunjiantest.NewInMemory(yunjiantest.WithClock(now))
		client := srv.Client(yunjian.WithHook(func(_ context.Context, a yunjian.Attempt) { hook(a.Op) }))
		every := func(context.Context) error { return nil } // login and push, which call has done
		return pair{srv, func(ctx context.Context) (string, string, error) {
			_, err := client.SyncUsers(ctx, []yunjian.User{{UserNo: "1001", FullName: "张三", Mobile: "13800000001"}})
			e, _ := errors.AsType[*yunjian.Error](err)
			if e == nil {
				e = new(yunjian.Error)
			}
			return e.Op, e.Code, err
		}, every}
	},
	"yunzhijia": func(now func() time.Time, hook func(op string)) pair {
		srv := yunzhijiatest.NewInMemory(yunzhijiatest.WithClock(now), yunzhijiatest.Seed(1, 1))
		client := srv.Client(yunzhijia.WithHook(func(_ context.Context, a yunzhijia.Attempt) { hook(a.Op) }))
		every := func(context.Context) error { return nil }
		return pair{srv, func(ctx context.Context) (string, string, error) {
			_, err := client.GetCompany(ctx)
			e, _ := errors.AsType[*yunzhijia.Error](err)
			if e == nil {
				e = new(yunzhijia.Error)
			}
			return e.Op, e.Code, err
		}, every}
	},
}

// listed ranges over records.
func listed[T any](records []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}
