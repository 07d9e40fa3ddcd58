// Shows the API's document; what is asked from there goes to the bridge itself.
const place = document.getElementById("api");
if (place && window.SwaggerUIBundle) {
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.document,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    tryItOutEnabled: true,
    validatorUrl: null,
    withCredentials: false,
  });
}
