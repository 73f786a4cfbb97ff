package aiguanhuai_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
)

func Example() {
	srv := aiguanhuaitest.NewServer() // stands for the vendor
	defer srv.Close()

	client, err := aiguanhuai.New(aiguanhuai.Config{BaseURL: srv.URL(), CorpID: "corp-demo"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	task, err := client.PrepareTask(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = task.AddDepartments(ctx, []aiguanhuai.Department{
		{DepartmentID: "d1", DepartmentName: "总部", Status: aiguanhuai.StatusActive},
		{DepartmentID: "d2", DepartmentName: "销售部", Status: aiguanhuai.StatusActive, ParentID: aiguanhuai.Set("d1")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = task.AddPeople(ctx, []aiguanhuai.Person{{
		UserID: "u1", Account: "zhangsan", RealName: "张三", Status: aiguanhuai.StatusActive,
		Gender:       aiguanhuai.Set(aiguanhuai.GenderMale),
		DepartmentID: aiguanhuai.Set([]string{"d2"}),
		JoinDate:     aiguanhuai.Set(aiguanhuai.Date{Year: 2009, Month: time.November, Day: 3}),
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	// From here on the vendor holds these people and no one else.
	if err := task.Complete(ctx); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(srv.Departments(), srv.People())
	// Output:
	// [aiguanhuai.Department{departmentId=d1 status=active} aiguanhuai.Department{departmentId=d2 status=active}] [aiguanhuai.Person{userId=u1 status=active}]
}

func ExampleClient_PushAll() {
	srv := aiguanhuaitest.NewServer()
	defer srv.Close()
	client := srv.Client()
	var departments iter.Seq2[aiguanhuai.Department, error] = func(yield func(aiguanhuai.Department, error) bool) {
		yield(aiguanhuai.Department{DepartmentID: "d1", DepartmentName: "总部", Status: aiguanhuai.StatusActive}, nil)
	}
	var people iter.Seq2[aiguanhuai.Person, error] = func(yield func(aiguanhuai.Person, error) bool) {
		for i := range 5000 {
			p := aiguanhuai.Person{
				UserID: fmt.Sprint("u", i), Account: fmt.Sprint("account", i), RealName: "李四", Status: aiguanhuai.StatusActive,
			}
			if !yield(p, nil) {
				return
			}
		}
	}
	summary, err := client.PushAll(context.Background(), departments, people)
	fmt.Println(summary.Completed, summary.Progress.Departments, summary.Progress.People, err)
	// Output:
	// true 1 5000 <nil>
}

func ExampleClient_ResumeTask() {
	srv := aiguanhuaitest.NewServer()
	defer srv.Close()
	client := srv.Client()
	ctx := context.Background()
	departments := []aiguanhuai.Department{{DepartmentID: "d1", DepartmentName: "总部", Status: aiguanhuai.StatusActive}}
	people := []aiguanhuai.Person{{UserID: "u1", Account: "zhangsan", RealName: "张三", Status: aiguanhuai.StatusActive}}

	task, err := client.PrepareTask(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := task.AddDepartments(ctx, departments); err != nil {
		fmt.Println(err)
		return
	}
	srv.Inject(aiguanhuaitest.Refuse(200008))
	err = task.AddPeople(ctx, people)
	fmt.Println(errors.Is(err, aiguanhuai.ErrDataFormat))
	fmt.Println(task.Complete(ctx)) // would remove everyone
	stored, _ := json.Marshal(task.Progress())
	fmt.Println(string(stored))

	// Later, perhaps in another process:
	var progress aiguanhuai.Progress
	if err := json.Unmarshal(stored, &progress); err != nil {
		fmt.Println(err)
		return
	}
	task, err = client.ResumeTask(progress)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.AddPeople(ctx, people[progress.People:]), task.Complete(ctx), len(srv.People()))
	// Output:
	// true
	// aiguanhuai add-complete: task misses records
	// {"taskId":"task-1","departments":1,"people":0,"incomplete":true}
	// <nil> <nil> 1
}

func ExampleClient_UpdatePeople() {
	srv := aiguanhuaitest.NewServer()
	defer srv.Close()
	client := srv.Client()
	result, err := client.UpdatePeople(context.Background(), []aiguanhuai.Person{
		{UserID: "u1", Account: "zhangsan", RealName: "张三", Status: aiguanhuai.StatusActive, Mobile: aiguanhuai.Set("13800000001")},
		{UserID: "u2", Account: "lisi", RealName: "李四"}, // no status
	})
	fmt.Println(err)
	for _, item := range result.Failed {
		fmt.Println(item.Index, item.Record.UserID, errors.Is(item.Err, aiguanhuai.ErrInvalid))
	}
	fmt.Println(len(result.Succeeded), srv.People()[0].UserID)
	// Output:
	// 1 of 2 records did not succeed: update: data[1].status is required (without it the vendor disables the record)
	// 1 u2 true
	// 1 u1
}

func ExampleClient_UpdateDepartments() {
	srv := aiguanhuaitest.NewServer()
	defer srv.Close()
	client := srv.Client()
	result, err := client.UpdateDepartments(context.Background(), []aiguanhuai.Department{
		{DepartmentID: "d2", DepartmentName: "销售部", Status: aiguanhuai.StatusActive, ParentID: aiguanhuai.Set("d1")},
		{DepartmentID: "d1", DepartmentName: "总部", Status: aiguanhuai.StatusActive}, // goes first
	})
	fmt.Println(result, err)
	// Output:
	// Result[aiguanhuai.Department]{succeeded=2 failed=0 pending=0 unsent=0} <nil>
}

func ExampleSigner() {
	srv := aiguanhuaitest.NewServer()
	defer srv.Close()
	config := srv.Config()
	// The rule is the vendor's secret; this one is invented.
	config.Signer = aiguanhuai.SignerFunc(func(_ context.Context, r *aiguanhuai.SignRequest) error {
		r.Query.Set("signature", fmt.Sprintf("%s%s%d", r.Method, r.Path, len(r.Body)))
		return nil
	})
	client, err := aiguanhuai.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.PrepareTask(context.Background())
	fmt.Println(srv.Requests()[0].Query.Get("signature"), err)
	// Output:
	// GET/v3/oms/add-prepare0 <nil>
}

// A record's hash tells whether it has to be sent again.
func ExamplePerson_AppendJSON() {
	p := aiguanhuai.Person{UserID: "u1", Account: "zhangsan", RealName: "张三", Status: aiguanhuai.StatusActive}
	sent, err := p.AppendJSON(nil)
	fmt.Println(string(sent), err)
	p.Position = aiguanhuai.Set("经理")
	changed, err := p.AppendJSON(nil)
	fmt.Println(sha256.Sum256(changed) == sha256.Sum256(sent), err)
	// Output:
	// {"userId":"u1","account":"zhangsan","realName":"张三","status":1,"orgSource":11} <nil>
	// false <nil>
}
