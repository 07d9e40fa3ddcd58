"""core_webservice_get_site_info: that it is a Totara stands nowhere in it."""

from __future__ import annotations

from typing import Any

from bridge.demo.lms.call import Table
from bridge.demo.lms.totara.call import TotaraCall, function

RELEASE = "3.3.9 (Build: 20181112)"
_CORE = "2017051509"
_FORUM = "2017051502.01"


def get_site_info(call: TotaraCall, _params: dict[str, Any]) -> Any:
    user = call.store.people[call.user_id]
    switches = call.totara.switches
    features = {
        "usecomments": True,
        "usetags": True,
        "enablenotes": True,
        "messaging": switches.messaging,
        "enableblogs": False,
        "enablecompletion": switches.completion,
        "enablebadges": switches.badges,
        "mnet_dispatcher_mode": False,
    }
    return {
        "sitename": call.store.site_name,
        "username": user.username,
        "firstname": user.first_name,
        "lastname": user.last_name,
        "fullname": user.name,
        "lang": user.language,
        "userid": user.id,
        "siteurl": call.url,
        "userpictureurl": call.picture(1),
        "functions": [
            {"name": name, "version": _FORUM if name.startswith("mod_") else _CORE}
            for name in call.service
        ],
        "downloadfiles": 0,
        "uploadfiles": 0,
        "release": RELEASE,
        "version": _CORE,
        "mobilecssurl": "",
        "advancedfeatures": [{"name": name, "value": int(on)} for name, on in features.items()],
        "usercanmanageownfiles": True,
        "userquota": 0,
        "usermaxuploadfilesize": -1,
        "userhomepage": 0,
        "siteid": 1,
    }


FUNCTIONS: Table = {"core_webservice_get_site_info": function(get_site_info)}
