"""core_webservice_*: who the site is and what the token may call."""

from __future__ import annotations

import hashlib
from typing import Any

from bridge.demo.lms.call import CORE_VERSION, Call, Function, Table

RELEASE = "4.5.6 (Build: 20250811)"

_FEATURES = {
    "usecomments": 1,
    "usetags": 1,
    "enablenotes": 1,
    "messaging": 1,
    "enableblogs": 1,
    "enablecompletion": 1,
    "enablebadges": 1,
    "messagingallusers": 0,
    "enablecustomreports": 1,
    "enableglobalsearch": 0,
    "mnet_dispatcher_mode": 0,
    "enablecompetencies": 1,
}


def get_site_info(call: Call, _params: dict[str, Any]) -> Any:
    user = call.store.people[call.user_id]
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
        "functions": [{"name": name, "version": Function.version(name)} for name in call.service],
        "downloadfiles": 1,
        "uploadfiles": 0,
        "release": RELEASE,
        "version": CORE_VERSION,
        "mobilecssurl": "",
        "advancedfeatures": [{"name": name, "value": on} for name, on in _FEATURES.items()],
        "usercanmanageownfiles": True,
        "userquota": 104857600,
        "usermaxuploadfilesize": 2097152,
        "userhomepage": 1,
        "userprivateaccesskey": hashlib.sha256(call.token.encode()).hexdigest()[:32],
        "siteid": 1,
        "sitecalendartype": "gregorian",
        "usercalendartype": "gregorian",
        "userissiteadmin": False,
        "theme": "boost",
        "limitconcurrentlogins": 0,
        "policyagreed": 0,
    }


FUNCTIONS: Table = {"core_webservice_get_site_info": Function(get_site_info)}
