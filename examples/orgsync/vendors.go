package main

import (
	"log/slog"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// source chooses how 云之家 is read.
func (e *environment) source(logger *slog.Logger) orgsync.Source {
	if source, chosen := e.directory(logger); chosen {
		return source
	}
	return e.yunzhijia(logger)
}

func (e *environment) yunzhijia(logger *slog.Logger) orgsync.Source {
	config := yunzhijia.Config{BaseURL: e.value("YUNZHIJIA_BASE_URL"), EID: e.value("YUNZHIJIA_EID")}
	if e.either("YUNZHIJIA_ACCESS_TOKEN", "YUNZHIJIA_APP_ID", "YUNZHIJIA_APP_SECRET") {
		config.Credentials = yunzhijia.AccessToken(e.value("YUNZHIJIA_ACCESS_TOKEN"))
	} else {
		config.Credentials = yunzhijia.AppCredentials(e.value("YUNZHIJIA_APP_ID"), e.value("YUNZHIJIA_APP_SECRET"))
	}
	client, err := yunzhijia.New(config, yunzhijia.WithLogger(logger))
	e.check(err, map[string]string{"BaseURL": "YUNZHIJIA_BASE_URL", "EID": "YUNZHIJIA_EID"})
	return &orgsync.YunzhijiaSource{Client: client}
}

func (e *environment) aiguanhuai(logger *slog.Logger) (orgsync.Target, bool) {
	config := aiguanhuai.Config{BaseURL: e.value("AIGUANHUAI_BASE_URL"), CorpID: e.value("AIGUANHUAI_CORP_ID")}
	if config.BaseURL == "" {
		return nil, false
	}
	client, err := aiguanhuai.New(config, aiguanhuai.WithLogger(logger))
	e.check(err, map[string]string{"BaseURL": "AIGUANHUAI_BASE_URL", "CorpID": "AIGUANHUAI_CORP_ID"})
	// Another company is another target, which has been told nothing yet.
	return &orgsync.AiguanhuaiTarget{Client: client, Label: "aiguanhuai/" + config.CorpID}, true
}

func (e *environment) tuzhan(logger *slog.Logger) (orgsync.Target, bool) {
	config := tuzhan.Config{BaseURL: e.value("TUZHAN_BASE_URL")}
	if config.BaseURL == "" {
		return nil, false
	}
	if e.either("TUZHAN_TOKEN", "TUZHAN_APP_ID", "TUZHAN_APP_SECRET") {
		config.Credentials = tuzhan.AccessToken(e.value("TUZHAN_TOKEN"))
	} else {
		config.Credentials = tuzhan.AppCredentials(e.value("TUZHAN_APP_ID"), e.value("TUZHAN_APP_SECRET"))
	}
	client, err := tuzhan.New(config, tuzhan.WithLogger(logger))
	e.check(err, map[string]string{"BaseURL": "TUZHAN_BASE_URL"})
	return &orgsync.TuzhanTarget{Client: client}, true
}

func (e *environment) yunjian(logger *slog.Logger) (orgsync.Target, bool) {
	config := yunjian.Config{URL: e.value("YUNJIAN_URL"), Account: e.value("YUNJIAN_ACCOUNT"), UserNo: e.value("YUNJIAN_USER_NO")}
	if config.URL == "" {
		return nil, false
	}
	if e.either("YUNJIAN_SESSION_ID", "YUNJIAN_SESSION_URL", "YUNJIAN_SECRET", "YUNJIAN_SIGN_KEY") {
		config.Session = yunjian.SessionID(e.value("YUNJIAN_SESSION_ID"))
	} else {
		config.Session = yunjian.Login(yunjian.LoginConfig{
			URL: e.value("YUNJIAN_SESSION_URL"), Secret: e.value("YUNJIAN_SECRET"), SignKey: e.value("YUNJIAN_SIGN_KEY"),
		})
	}
	client, err := yunjian.New(config, yunjian.WithLogger(logger))
	e.check(err, map[string]string{
		"URL": "YUNJIAN_URL", "Account": "YUNJIAN_ACCOUNT", "UserNo": "YUNJIAN_USER_NO", "Session.URL": "YUNJIAN_SESSION_URL",
	})
	return &orgsync.YunjianTarget{Client: client, Label: "yunjian/" + config.Account}, true
}
