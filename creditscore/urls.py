from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.profile.views import language_view
from accounts.site_texts.views import text_view
from accounts.views import admin_login
from creditscore.http.health import healthz, readyz
from creditscore.http.metrics import metrics
from creditscore.reference.views import index as reference
from predictions.site.home import home

urlpatterns = [
    path("", home, name="home"),
    path("", include("predictions.urls")),
    path("terms/", text_view, {"kind": "terms"}, name="terms"),
    path("privacy/", text_view, {"kind": "privacy"}, name="privacy"),
    path("contact/", text_view, {"kind": "contact"}, name="contact"),
    path("account/", include("accounts.urls")),
    path("account/keys/", include("billing.keys.urls")),
    path("wallet/", include("billing.urls")),
    path("language/setlang/", language_view, name="set_language"),
    # The admin uses the site's login and password change, which limit failed attempts.
    path("admin/login/", admin_login),
    path("admin/password_change/", RedirectView.as_view(pattern_name="accounts:password")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("creditscore.api_urls")),
    path("docs/", reference, name="docs"),
    path("docs/", include("creditscore.reference.urls")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
handler400 = "creditscore.http.error_pages.bad_request"
handler404 = "creditscore.http.error_pages.not_found"
handler500 = "creditscore.http.error_pages.server_error"
