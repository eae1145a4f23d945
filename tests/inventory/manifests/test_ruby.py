"""Bundler: Gemfile, gemspec, Gemfile.lock."""

import pytest

from safe_rollback.inventory.manifests.model import UnreadableError
from tests.inventory.manifests.reading import asked, resolved

GEMFILE = """source 'https://rubygems.org'
ruby '3.3.1'
gem 'rails', '~> 7.1', '>= 7.1.2'
gem "plain"
gem 'fork', git: 'https://github.com/acme/fork', branch: 'main'
gem 'engine', path: 'engines/engine'
# gem 'commented'
group :development, :test do
  gem 'rspec-rails', require: false
  gem "#{computed}"
end
gem 'sentry', group: :production
gem('paren', '1.0')
"""


def test_gemfile() -> None:
    assert asked("Gemfile", GEMFILE) == [
        "2 runtime ruby 3.3.1",
        "3 rails ~> 7.1, >= 7.1.2",
        "4 plain",
        "5 fork git: https://github.com/acme/fork, branch: main",
        "9 rspec-rails (development, test)",
        "12 sentry (production)",
        "13 paren 1.0",
    ]


def test_gemspec() -> None:
    text = (
        "Gem::Specification.new do |s|\n  s.add_dependency 'rack', ['>= 2', '< 4']\n"
        "  s.add_development_dependency('rake')\nend\n"
    )
    assert asked("acme.gemspec", text) == ["2 rack >= 2, < 4", "3 rake (dev)"]


def test_what_can_be_read_of_a_broken_gemfile_is() -> None:
    with pytest.raises(UnreadableError):
        asked("Gemfile", "gem 'rails'\ngroup :x do\n  gem (\n")


LOCK = """GIT
  remote: https://github.com/acme/fork
  revision: abcdef0123456789
  specs:
    fork (1.0)

PATH
  remote: engines/engine
  specs:
    engine (0.1)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.16.0-arm64-darwin)
    nokogiri (1.16.0-x86_64-linux)
    rack (3.0.8)
    rails (7.1.3)
      rack (>= 2.2)

PLATFORMS
  ruby

DEPENDENCIES
  engine!
  fork!
  nokogiri
  rails (~> 7.1)

BUNDLED WITH
   2.5.6
"""


@pytest.mark.parametrize("text", [LOCK, LOCK.replace("\n", "\r\n")])
def test_lock(text: str) -> None:
    assert resolved("Gemfile.lock", text) == {"fork": "1.0 at abcdef0", "nokogiri": "1.16.0", "rails": "7.1.3"}


def test_an_empty_lock_has_nothing() -> None:
    assert resolved("Gemfile.lock", "") == {}
