// Tuzhan-batch adds departments and employees to 兔展, reads what became of each
// record, and repeats what can be repeated.
//
//	go run ./examples/tuzhan-batch
//
// work.go is the part to copy. main.go runs it against a simulator.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tuzhan-batch:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	vendor := tuzhantest.NewServer()
	defer vendor.Close()
	client := vendor.Client()
	departments, employees := invented(25, 1201)

	// In any order: parents are sent before their children.
	slices.Reverse(departments)
	added, err := client.AddDepartments(ctx, departments)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d departments added\n", len(added.Succeeded))

	// Things go wrong: a phone is missing, 兔展 knows one employee already and
	// does not want another, the answer to the second call of 500 is lost, and
	// 兔展 is slow with the last.
	employees[7].Phone = ""
	if _, err := client.AddEmployees(ctx, employees[100:101]); err != nil {
		return err
	}
	vendor.RefuseRecord(employees[200].ThirdUserID, "姓名含敏感词")
	vendor.Inject(
		tuzhantest.LoseAnswer().On(tuzhantest.OpEmployees).After(1),
		tuzhantest.ResultStatus(0).On(tuzhantest.OpEmployees).After(3),
	)

	// A regular job does one round every time it runs, and not all at once.
	todo := work{add: employees}
	for round := 1; round <= 3 && !todo.empty(); round++ {
		fmt.Fprintf(out, "Round %d: %d to add, %d to update\n", round, len(todo.add), len(todo.update))
		var done int
		var refused []tuzhan.Item[tuzhan.Employee]
		if done, refused, todo, err = todo.do(ctx, client); err != nil {
			return err
		}
		fmt.Fprintf(out, "   %d done, %d to add and %d to update next time\n", done, len(todo.add), len(todo.update))
		for _, item := range refused {
			if errors.Is(item.Err, tuzhan.ErrInvalid) {
				fmt.Fprintf(out, "   %s was not sent: %v\n", item.Record.ThirdUserID, item.Err)
			} else {
				fmt.Fprintf(out, "   %s was refused: %s\n", item.Record.ThirdUserID, item.Message)
			}
		}
	}
	fmt.Fprintf(out, "兔展 holds %d employees\n", len(vendor.Employees()))
	return nil
}

// invented returns departments below one root, and people spread over them.
func invented(departments, employees int) (ds []tuzhan.Department, es []tuzhan.Employee) {
	for i := range departments {
		d := tuzhan.Department{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: fmt.Sprint("d", i), DeptName: fmt.Sprint("部门", i)}
		if i > 0 {
			d.ThirdParentID = fmt.Sprint("d", (i-1)/4)
		}
		ds = append(ds, d)
	}
	for i := range employees {
		es = append(es, tuzhan.Employee{
			ThirdUserID: fmt.Sprint("u", i), UserType: tuzhan.UserTypeOfficialAccount, ChannelName: "张三",
			Phone: fmt.Sprintf("138%08d", i+1), ThirdDeptID: fmt.Sprint("d", i%departments),
			RoleKeys: []tuzhan.RoleKey{tuzhan.RoleEmployee},
		})
	}
	return ds, es
}
