// Tells the platform's page that the registration is done, so that it closes ours.
const script = document.currentScript;
const around = window.opener || (window.parent !== window ? window.parent : null);
if (around) {
  around.postMessage({ subject: "org.imsglobal.lti.close" }, script.dataset.platform);
}
