package main

// chinese are the remedies of README.zh-CN.md by sentinel.
func chinese() map[string]string {
	return map[string]string{
		"aiguanhuai.ErrSignature":       "签名错误。厂商要求签名,或签名方式不同:设置 `Config.Signer`,并与厂商给出的示例逐字节比对;文档没有描述签名",
		"aiguanhuai.ErrPartnerNotFound": "partnerId 不存在。把厂商分配的 partnerId 放入 `Config.Query`",
		"aiguanhuai.ErrCorpNotFound":    "公司不存在。检查 `Config.CorpID`,以及 `BaseURL` 是否为该公司所在的环境(测试或正式)",
		"aiguanhuai.ErrTaskNotFound":    "任务 id 不存在:任务已完成,或已被厂商丢弃。若同时是 `ErrOutcomeUnknown`,之前的一次尝试可能已经完成;否则重新 prepare 并推送全部数据",
		"aiguanhuai.ErrSystem":          "系统错误。厂商一侧的问题,客户端已经重试过,稍后再试",
		"aiguanhuai.ErrDataFormat":      "数据格式错误。厂商没有接受这次调用的记录,也不说明是哪一条:对半拆分即可找到",
		"aiguanhuai.ErrDataEmpty":       "数据为空。空调用在发送前就会被拒绝,因此是中间环节丢掉了请求体",
		"tuzhan.ErrAppSecret":           "APPID_SECRET_ERROR。按 工作台-配置-数据集成-自建应用 核对 instanceAppID 与 instanceSecret;应用有审批期限,确认没有过期",
		"tuzhan.ErrToken":               "TOKEN_ERROR:token 错误或已过期。使用 `AppCredentials` 的客户端此时已重新获取并重放过一次;使用 `AccessToken` 时请提供新的",
		"tuzhan.ErrAuthCode":            "AUTHCODE_ERROR。应用缺少授权:在厂商控制台申请并通过审批",
		"yunzhijia.ErrWrongKey":         "认证失败。密钥属于其他业务(文件、签到、生态圈)或其他团队:复制 管理中心 → 系统设置 → 系统集成 → 通讯录同步 的密钥",
		"yunjian.ErrUserFailed":         "对方没有同步该用户(`status` 为 0),原因见记录自己的说明;修正该用户或对方的主数据后再发送",
	}
}
