"""Other people's services: the hosts they answer at, and the packages that speak to them."""

from collections.abc import Mapping

_TABLE = """
adyen: adyen.com | adyen @adyen/ adyen-ruby-api-library
airtable: airtable.com | airtable pyairtable
algolia: algolia.net algolianet.com | algoliasearch @algolia/ algoliasearch-rails
amplitude: amplitude.com | amplitude-js @amplitude/ amplitude-api
anthropic: anthropic.com | anthropic @anthropic-ai/sdk @ai-sdk/anthropic ruby-anthropic
apple: appleid.apple.com api.push.apple.com itunes.apple.com | apnotic houston apn node-apn
asana: asana.com | asana
atlassian: atlassian.net atlassian.com | jira-client jira.js jira-ruby
auth0: auth0.com | auth0 @auth0/ omniauth-auth0 nextjs-auth0 auth0-python
avatax: avatax.com avalara.net | avatax avatax-rest
aws: amazonaws.com | aws-sdk @aws-sdk/ boto3 botocore aws-sdk-s3 aws-sdk-rails fog-aws aioboto3 aws-sdk-sns
azure: azure.com windows.net azure.net | @azure/ azure-storage-blob azure-identity azure-core
bandwidth: bandwidth.com | bandwidth-sdk ruby-bandwidth
bigcommerce: bigcommerce.com | bigcommerce node-bigcommerce
braintree: braintreegateway.com braintree-api.com | braintree braintree-web
brevo: brevo.com sendinblue.com | sib-api-v3-sdk @getbrevo/ @sendinblue/
calendly: calendly.com | calendly
clerk: clerk.com clerk.dev | @clerk/
cloudflare: api.cloudflare.com r2.cloudflarestorage.com challenges.cloudflare.com | cloudflare @cloudflare/
cloudinary: cloudinary.com | cloudinary @cloudinary/
cohere: cohere.ai cohere.com | cohere-ai cohere
contentful: contentful.com | contentful contentful-management
customer.io: customer.io | customerio customerio-node
datadog: datadoghq.com datadoghq.eu | dd-trace ddtrace datadog @datadog/browser-rum @datadog/browser-logs
    datadog-api-client
deepl: deepl.com | deepl deepl-node deepl-rb
dialogflow: dialogflow.googleapis.com | google-cloud-dialogflow @google-cloud/dialogflow
    google-cloud-dialogflow-v2
discord: discord.com discordapp.com | discord.js discordrb discord.py omniauth-discord
docusign: docusign.com docusign.net | docusign-esign
dropbox: dropboxapi.com dropbox.com | dropbox
dyte: dyte.io | @dytesdk/
elasticsearch: elastic.co | elasticsearch @elastic/elasticsearch elasticsearch-rails chewy
facebook: graph.facebook.com facebook.com | koala fb facebook-messenger omniauth-facebook
    facebook-nodejs-business-sdk
fastly: fastly.com | fastly @fastly/
firebase: firebaseio.com fcm.googleapis.com firebase.googleapis.com | firebase firebase-admin fcm @firebase/
front: frontapp.com | frontapp
gemini: generativelanguage.googleapis.com | @google/generative-ai google-generativeai @ai-sdk/google
    google-genai
github: api.github.com raw.githubusercontent.com | octokit @octokit/ PyGithub pygithub omniauth-github ghapi
gitlab: gitlab.com | @gitbeaker/ python-gitlab gitlab omniauth-gitlab
google: googleapis.com accounts.google.com | googleapis google-auth-library @google-cloud/
    google-cloud-storage omniauth-google-oauth2 google-api-client google-apis-gmail_v1 google-cloud-translate
    google-cloud-translate-v3
groq: groq.com | groq-sdk groq @ai-sdk/groq
hcaptcha: hcaptcha.com | hcaptcha @hcaptcha/ hcaptcha_rails
honeybadger: honeybadger.io | honeybadger @honeybadger-io/
hubspot: hubapi.com hubspot.com | @hubspot/ hubspot-api-client hubspot-ruby
instagram: graph.instagram.com api.instagram.com | omniauth-instagram
intercom: intercom.io | intercom-client intercom @intercom/
klaviyo: klaviyo.com | klaviyo-api
launchdarkly: launchdarkly.com | launchdarkly-node-server-sdk @launchdarkly/ launchdarkly-server-sdk
    ldclient-py
leadsquared: leadsquared.com | leadsquared
lemonsqueezy: lemonsqueezy.com | @lemonsqueezy/
line: api.line.me | line-bot-api @line/bot-sdk line-bot-sdk
linear: linear.app | @linear/sdk
mailchimp: mailchimp.com | @mailchimp/ MailchimpMarketing gibbon mailchimp-marketing
mailersend: mailersend.com | mailersend mailersend-ruby
mailgun: mailgun.net mailgun.org | mailgun.js mailgun-ruby mailgun-js django-anymail
mapbox: mapbox.com | mapbox-gl @mapbox/
matomo: matomo.cloud | matomo-tracker
microsoft: graph.microsoft.com login.microsoftonline.com office.com | @microsoft/ microsoft_graph
    omniauth-microsoft_graph msal @azure/msal-node
mistral: mistral.ai | @mistralai/mistralai @ai-sdk/mistral mistralai
mixpanel: mixpanel.com | mixpanel mixpanel-browser mixpanel-ruby
mollie: mollie.com | @mollie/api-client mollie-api-python mollie-api-ruby
mux: mux.com | @mux/ mux_python mux_ruby
newrelic: newrelic.com nr-data.net | newrelic newrelic_rpm newrelic-sidekiq-metrics @newrelic/
notion: api.notion.com | @notionhq/client notion-client notion-ruby-client
okta: okta.com | @okta/ okta okta-sdk-nodejs
onesignal: onesignal.com | onesignal-node onesignal onesignal-ruby
openai: api.openai.com openai.azure.com | openai ruby-openai @ai-sdk/openai @langchain/openai tiktoken
    ai-agents
openrouter: openrouter.ai | @openrouter/ai-sdk-provider
pagerduty: pagerduty.com | node-pagerduty pagerduty
paypal: paypal.com | @paypal/ paypalrestsdk paypal-checkout-sdk
pinecone: pinecone.io | @pinecone-database/pinecone pinecone-client
plaid: plaid.com | plaid plaid-python
plain: plain.com | @team-plain/
plausible: plausible.io | plausible-tracker next-plausible
posthog: posthog.com | posthog-js posthog-node posthog posthog-ruby posthog-react-native
postmark: postmarkapp.com | postmark postmark-rails
pusher: pusher.com pusherapp.com | pusher pusher-js
razorpay: razorpay.com | razorpay
recaptcha: google.com/recaptcha | recaptcha react-google-recaptcha react-google-recaptcha-v3
resend: resend.com | resend
rollbar: rollbar.com | rollbar
salesforce: salesforce.com force.com | jsforce simple-salesforce restforce
scout: scoutapm.com | scout_apm scout-apm
segment: segment.io segment.com | @segment/ analytics-node analytics-ruby segment-analytics-python
sendgrid: sendgrid.com sendgrid.net | @sendgrid/ sendgrid sendgrid-ruby
sentry: sentry.io | @sentry/ sentry-sdk sentry-ruby sentry-rails sentry-sidekiq raven raven-js sentry-raven
shopify: myshopify.com shopify.com | @shopify/ shopify_api shopify_app
slack: slack.com | @slack/ slack-ruby-client slack-sdk slack_sdk slackclient
snowflake: snowflakecomputing.com | snowflake-sdk snowflake-connector-python
square: squareup.com | square square.rb squareup
statsig: statsig.com statsigapi.net | statsig-node @statsig/ statsig
stripe: stripe.com | stripe @stripe/ stripe_event dj-stripe pay stripe-ruby-mock
supabase: supabase.co supabase.com | @supabase/ supabase
teams: webhook.office.com teams.microsoft.com | botbuilder @microsoft/teams-js
telegram: api.telegram.org t.me | telegraf node-telegram-bot-api python-telegram-bot telegram-bot-ruby
tiktok: tiktokapis.com tiktok.com | omniauth-tiktok
tinybird: tinybird.co | @chronark/zod-bird @tinybirdco/
trigger.dev: trigger.dev | @trigger.dev/
twilio: twilio.com | twilio twilio-ruby @twilio/
twitter: api.twitter.com api.x.com | twitter-api-v2 twitter twitty tweepy omniauth-twitter
unleash: getunleash.io | unleash-client @unleash/ UnleashClient unleash
upstash: upstash.io upstash.com | @upstash/
vonage: nexmo.com vonage.com | @vonage/ vonage nexmo
whapi: whapi.cloud | whapi
whatsapp: waba.360dialog.io whatsapp.com | whatsapp-web.js @whiskeysockets/baileys
workos: workos.com | @workos-inc/ workos
xero: xero.com | xero-node xero-python xero-ruby
zapier: zapier.com | zapier-platform-core
zendesk: zendesk.com | node-zendesk zendesk_api zenpy
zoom: zoom.us | @zoom/ zoomus
"""


def _parsed() -> dict[str, tuple[list[str], list[str]]]:
    found: dict[str, tuple[list[str], list[str]]] = {}
    for row in _TABLE.replace("\n    ", " ").strip().splitlines():
        name, _, rest = row.partition(": ")
        hosts, _, packages = rest.partition(" | ")
        found[name] = (hosts.split(), packages.split())
    return found


PROVIDERS: Mapping[str, tuple[list[str], list[str]]] = _parsed()
"""By name: hosts, also of their subdomains; packages, with a slash at the end for a whole scope."""
