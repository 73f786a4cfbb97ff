package orgsync_test

import (
	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

// usersOf are the users of 云简 by number.
func usersOf(server *yunjiantest.Server) map[string]yunjian.User {
	return byKey(server.Users(), func(u yunjian.User) string { return u.UserNo })
}

// membersOf are the people of 爱关怀 by id.
func membersOf(server *aiguanhuaitest.Server) map[string]aiguanhuai.Person {
	return byKey(server.People(), func(p aiguanhuai.Person) string { return p.UserID })
}

// staffOf are the employees of 兔展 by id.
func staffOf(server *tuzhantest.Server) map[string]tuzhan.Employee {
	return byKey(server.Employees(), func(e tuzhan.Employee) string { return e.ThirdUserID })
}

func byKey[T any](records []T, key func(T) string) map[string]T {
	m := make(map[string]T, len(records))
	for _, r := range records {
		m[key(r)] = r
	}
	return m
}
