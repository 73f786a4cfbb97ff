package aiguanhuaitest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

func Example() {
	srv := aiguanhuaitest.NewServer()
	defer srv.Close()
	client := srv.Client()
	srv.Inject(aiguanhuaitest.Refuse(200008).On(aiguanhuaitest.OpUpdate))
	person := aiguanhuai.Person{UserID: "u1", Account: "zhangsan", RealName: "张三", Status: aiguanhuai.StatusActive}

	_, err := client.UpdatePeople(context.Background(), []aiguanhuai.Person{person})
	fmt.Println(errors.Is(err, aiguanhuai.ErrDataFormat), len(srv.People()))
	_, err = client.UpdatePeople(context.Background(), []aiguanhuai.Person{person})
	fmt.Println(err, srv.People()[0].UserID, srv.Count(aiguanhuaitest.OpUpdate))
	// Output:
	// true 0
	// <nil> u1 2
}
