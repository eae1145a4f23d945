"""Other people's services: the hosts they answer at, and the packages that speak to them."""

from collections.abc import Mapping

_TABLE = """
37signals: basecampapi.com 37signals.com | omniauth-37signals
ably: ably.io ably.net | ably @ably/
adyen: adyen.com | adyen @adyen/ adyen-ruby-api-library
airtable: airtable.com | airtable pyairtable
algolia: algolia.net algolianet.com | algoliasearch @algolia/ algoliasearch-rails
amplitude: amplitude.com | amplitude-js @amplitude/ amplitude-api
anthropic: anthropic.com | anthropic @anthropic-ai/sdk @ai-sdk/anthropic ruby-anthropic
apple: appleid.apple.com api.push.apple.com itunes.apple.com | apnotic houston apn node-apn
appsignal: appsignal.com | appsignal @appsignal/
asana: asana.com | asana
atlassian: atlassian.net atlassian.com | jira-client jira.js jira-ruby
attio: attio.com | attio
auth0: auth0.com | auth0 @auth0/ omniauth-auth0 nextjs-auth0 auth0-python
avatax: avatax.com avalara.net | avatax avatax-rest
aws: amazonaws.com | aws-sdk @aws-sdk/ boto3 botocore aws-sdk-s3 aws-sdk-rails fog-aws aioboto3 aws-sdk-sns
axiom: axiom.co | @axiomhq/ next-axiom
azure: azure.com windows.net azure.net | @azure/ azure-storage-blob azure-identity azure-core
bandwidth: bandwidth.com | bandwidth-sdk ruby-bandwidth
beehiiv: beehiiv.com | @beehiiv/typescript-sdk
bigcommerce: bigcommerce.com | bigcommerce node-bigcommerce
bitly: api-ssl.bitly.com | bitly
box: api.box.com | box-node-sdk boxsdk boxr
braintree: braintreegateway.com braintree-api.com | braintree braintree-web
brevo: brevo.com sendinblue.com | sib-api-v3-sdk @getbrevo/ @sendinblue/
bugsnag: bugsnag.com | bugsnag @bugsnag/
calendly: calendly.com | calendly
chargebee: chargebee.com | chargebee chargebee-typescript
checkr: checkr.com | checkr-api
clerk: clerk.com clerk.dev | @clerk/
clickup: api.clickup.com | clickup.js
close: api.close.com | closeio_api
cloudflare: api.cloudflare.com r2.cloudflarestorage.com challenges.cloudflare.com | cloudflare @cloudflare/
cloudinary: cloudinary.com | cloudinary @cloudinary/
codecov: codecov.io | codecov @codecov/
cohere: cohere.ai cohere.com | cohere-ai cohere
coinbase: coinbase.com | coinbase coinbase-commerce-node
contentful: contentful.com | contentful contentful-management
convertkit: convertkit.com kit.com | convertkit-node
courier: courier.com | @trycourier/
crisp: crisp.chat | crisp-api crisp-sdk-web
crowdin: crowdin.com | @crowdin/
customer.io: customer.io | customerio customerio-node
daily: daily.co | @daily-co/
datadog: datadoghq.com datadoghq.eu | dd-trace ddtrace datadog @datadog/browser-rum @datadog/browser-logs
    datadog-api-client
deadmanssnitch: deadmanssnitch.com nosnch.in | dead-mans-snitch
deepgram: deepgram.com | @deepgram/sdk deepgram-sdk
deepl: deepl.com | deepl deepl-node deepl-rb
dialogflow: dialogflow.googleapis.com | google-cloud-dialogflow @google-cloud/dialogflow
    google-cloud-dialogflow-v2
digitalocean: digitaloceanspaces.com api.digitalocean.com | droplet_kit do-wrapper
discord: discord.com discordapp.com | discord.js discordrb discord.py omniauth-discord
docusign: docusign.com docusign.net | docusign-esign
dropbox: dropboxapi.com dropbox.com | dropbox
dyte: dyte.io | @dytesdk/
elasticsearch: elastic.co | elasticsearch @elastic/elasticsearch elasticsearch-rails chewy
elevenlabs: elevenlabs.io | elevenlabs @elevenlabs/
evernote: evernote.com | evernote evernote_oauth omniauth-evernote
facebook: graph.facebook.com facebook.com | koala fb facebook-messenger omniauth-facebook
    facebook-nodejs-business-sdk
fal: fal.run fal.ai | @fal-ai/
fastly: fastly.com | fastly @fastly/
firebase: firebaseio.com fcm.googleapis.com firebase.googleapis.com | firebase firebase-admin fcm @firebase/
flagsmith: flagsmith.com | flagsmith flagsmith-nodejs
foursquare: foursquare.com | foursquare2
freshdesk: freshdesk.com | freshdesk-api
front: frontapp.com | frontapp
fullstory: fullstory.com | @fullstory/
gemini: generativelanguage.googleapis.com | @google/generative-ai google-generativeai @ai-sdk/google
    google-genai
giphy: giphy.com | @giphy/
github: api.github.com raw.githubusercontent.com | octokit @octokit/ PyGithub pygithub omniauth-github ghapi
gitlab: gitlab.com | @gitbeaker/ python-gitlab gitlab omniauth-gitlab
google: googleapis.com accounts.google.com | googleapis google-auth-library @google-cloud/
    google-cloud-storage omniauth-google-oauth2 google-api-client google-apis-gmail_v1 google-cloud-translate
    google-cloud-translate-v3
google analytics: google-analytics.com googletagmanager.com | google-measurement-protocol ga4-measurement-protocol
    react-ga react-ga4 universal-analytics staccato
groq: groq.com | groq-sdk groq @ai-sdk/groq
growthbook: growthbook.io | @growthbook/ growthbook
hcaptcha: hcaptcha.com | hcaptcha @hcaptcha/ hcaptcha_rails
healthchecks: hc-ping.com | healthchecks-io
heap: heapanalytics.com | heap-api @heap/
helpscout: helpscout.net | helpscout
heroku: api.heroku.com | heroku-client platform-api
honeybadger: honeybadger.io | honeybadger @honeybadger-io/
honeycomb: honeycomb.io | honeycomb-beeline @honeycombio/
hotjar: hotjar.com | @hotjar/browser
hubspot: hubapi.com hubspot.com | @hubspot/ hubspot-api-client hubspot-ruby
huggingface: huggingface.co | @huggingface/inference
imgix: imgix.net imgix.com | @imgix/ imgix
inngest: inngest.com inn.gs | inngest
instagram: graph.instagram.com api.instagram.com | omniauth-instagram
intercom: intercom.io | intercom-client intercom @intercom/
ipinfo: ipinfo.io | node-ipinfo ipinfo
klaviyo: klaviyo.com | klaviyo-api
knock: knock.app | @knocklabs/
launchdarkly: launchdarkly.com | launchdarkly-node-server-sdk @launchdarkly/ launchdarkly-server-sdk
    ldclient-py
leadsquared: leadsquared.com | leadsquared
lemonsqueezy: lemonsqueezy.com | @lemonsqueezy/
line: api.line.me | line-bot-api @line/bot-sdk line-bot-sdk
linear: linear.app | @linear/sdk
livekit: livekit.cloud | livekit-client livekit-server-sdk livekit-api
logrocket: logrocket.com lr-ingest.com | logrocket logrocket-react
logtail: logtail.com betterstack.com | @logtail/ logtail
loops: loops.so | loops
mailchimp: mailchimp.com | @mailchimp/ MailchimpMarketing gibbon mailchimp-marketing
mailersend: mailersend.com | mailersend mailersend-ruby
mailgun: mailgun.net mailgun.org | mailgun.js mailgun-ruby mailgun-js django-anymail
mailjet: mailjet.com | mailjet node-mailjet mailjet-rest mailjet_rest
mapbox: mapbox.com | mapbox-gl @mapbox/
matomo: matomo.cloud | matomo-tracker
matrix: matrix.org | matrix-js-sdk matrix-nio
maxmind: maxmind.com | @maxmind/geoip2-node geoip2 maxmind-geoip2 minfraud
messagebird: messagebird.com | messagebird messagebird-rest
microsoft: graph.microsoft.com login.microsoftonline.com office.com | @microsoft/ microsoft_graph
    omniauth-microsoft_graph msal @azure/msal-node
mistral: mistral.ai | @mistralai/mistralai @ai-sdk/mistral mistralai
mixpanel: mixpanel.com | mixpanel mixpanel-browser mixpanel-ruby
mollie: mollie.com | @mollie/api-client mollie-api-python mollie-api-ruby
monday: monday.com | monday-sdk-js
mongodb atlas: mongodb.net | mongodb-atlas-api-client
mux: mux.com | @mux/ mux_python mux_ruby
neon: neon.tech | @neondatabase/
netlify: api.netlify.com | netlify @netlify/
newrelic: newrelic.com nr-data.net | newrelic newrelic_rpm newrelic-sidekiq-metrics @newrelic/
notion: api.notion.com | @notionhq/client notion-client notion-ruby-client
novu: novu.co | @novu/
okta: okta.com | @okta/ okta okta-sdk-nodejs
onesignal: onesignal.com | onesignal-node onesignal onesignal-ruby
openai: api.openai.com openai.azure.com | openai ruby-openai @ai-sdk/openai @langchain/openai tiktoken
    ai-agents
openrouter: openrouter.ai | @openrouter/ai-sdk-provider
opsgenie: opsgenie.com | opsgenie-sdk
paddle: paddle.com | @paddle/
pagerduty: pagerduty.com | node-pagerduty pagerduty
paypal: paypal.com | @paypal/ paypalrestsdk paypal-checkout-sdk
perplexity: perplexity.ai | @ai-sdk/perplexity
persona: withpersona.com | persona
pexels: pexels.com | pexels
pinecone: pinecone.io | @pinecone-database/pinecone pinecone-client
pipedrive: pipedrive.com | pipedrive
plaid: plaid.com | plaid plaid-python
plain: plain.com | @team-plain/
planetscale: psdb.cloud | @planetscale/database
plausible: plausible.io | plausible-tracker next-plausible
plivo: plivo.com | plivo
polar: polar.sh | @polar-sh/
posthog: posthog.com | posthog-js posthog-node posthog posthog-ruby posthog-react-native
postmark: postmarkapp.com | postmark postmark-rails
pubnub: pubnub.com | pubnub
pushbullet: pushbullet.com | pushbullet
pusher: pusher.com pusherapp.com | pusher pusher-js
pushover: pushover.net | pushover-notifications
razorpay: razorpay.com | razorpay
recaptcha: google.com/recaptcha | recaptcha react-google-recaptcha react-google-recaptcha-v3
recurly: recurly.com | recurly
reddit: oauth.reddit.com | snoowrap praw
replicate: replicate.com | replicate
resend: resend.com | resend
rollbar: rollbar.com | rollbar
salesforce: salesforce.com force.com | jsforce simple-salesforce restforce
scaleway: scaleway.com | @scaleway/sdk
scout: scoutapm.com | scout_apm scout-apm
segment: segment.io segment.com | @segment/ analytics-node analytics-ruby segment-analytics-python
sendgrid: sendgrid.com sendgrid.net | @sendgrid/ sendgrid sendgrid-ruby
sentry: sentry.io | @sentry/ sentry-sdk sentry-ruby sentry-rails sentry-sidekiq raven raven-js sentry-raven
shopify: myshopify.com shopify.com | @shopify/ shopify_api shopify_app
sinch: sinch.com | @sinch/sdk-core
skylight: skylight.io | skylight
slack: slack.com | @slack/ slack-ruby-client slack-sdk slack_sdk slackclient
snowflake: snowflakecomputing.com | snowflake-sdk snowflake-connector-python
sparkpost: sparkpost.com | sparkpost
splunk: splunkcloud.com | splunk-sdk splunk-logging
spotify: api.spotify.com accounts.spotify.com | spotify-web-api-node spotipy rspotify
square: squareup.com | square square.rb squareup
statsig: statsig.com statsigapi.net | statsig-node @statsig/ statsig
stripe: stripe.com | stripe @stripe/ stripe_event dj-stripe pay stripe-ruby-mock
stytch: stytch.com | stytch @stytch/
supabase: supabase.co supabase.com | @supabase/ supabase
svix: svix.com | svix
teams: webhook.office.com teams.microsoft.com | botbuilder @microsoft/teams-js
telegram: api.telegram.org t.me | telegraf node-telegram-bot-api python-telegram-bot telegram-bot-ruby
telnyx: telnyx.com | telnyx
tiktok: tiktokapis.com tiktok.com | omniauth-tiktok
tinybird: tinybird.co | @chronark/zod-bird @tinybirdco/
todoist: todoist.com | @doist/todoist-api-typescript
trello: api.trello.com | trello ruby-trello
trigger.dev: trigger.dev | @trigger.dev/
tumblr: api.tumblr.com | tumblr_client tumblr.js omniauth-tumblr pytumblr
turso: turso.io | @libsql/
twilio: twilio.com | twilio twilio-ruby @twilio/
twitch: twitch.tv | twitch-js @twurple/
twitter: api.twitter.com api.x.com | twitter-api-v2 twitter twitty tweepy omniauth-twitter
typeform: typeform.com | @typeform/
typesense: typesense.net | typesense
unleash: getunleash.io | unleash-client @unleash/ UnleashClient unleash
unsplash: unsplash.com | unsplash-js
uploadthing: uploadthing.com | uploadthing @uploadthing/
upstash: upstash.io upstash.com | @upstash/
userlist: userlist.com | @userlist/
vercel: api.vercel.com blob.vercel-storage.com | @vercel/analytics @vercel/blob @vercel/edge-config @vercel/kv
    @vercel/speed-insights @vercel/sdk
vimeo: vimeo.com | vimeo vimeo_me2
vonage: nexmo.com vonage.com | @vonage/ vonage nexmo
webflow: webflow.com | webflow-api
whapi: whapi.cloud | whapi
whatsapp: waba.360dialog.io whatsapp.com | whatsapp-web.js @whiskeysockets/baileys
wistia: wistia.com | wistia-api
workos: workos.com | @workos-inc/ workos
wunderlist: wunderlist.com | omniauth-wunderlist
xero: xero.com | xero-node xero-python xero-ruby
yandex: yandex.net yandex.ru | yandex-metrica
youtube: youtube.googleapis.com | youtube-api
zapier: zapier.com | zapier-platform-core
zendesk: zendesk.com | node-zendesk zendesk_api zenpy
zoho: zoho.com zohoapis.com | zcrmsdk zohocrmsdk2_0
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
