"""Go, Rust, PHP, JVM, .NET, Elixir, Dart, images and runtimes."""

import pytest

from safe_rollback.inventory.manifests.asking import lock_of, manifest_of
from safe_rollback.inventory.manifests.model import UnreadableError
from tests.inventory.manifests.reading import asked, resolved

GO_MOD = """module example.org/app

go 1.22
toolchain go1.22.1

require github.com/single/one v1.0.0
require (
	github.com/a/b v1.2.3
	github.com/c/d v0.0.0-2024 // indirect
	go.uber.org/mock v0.6.0
)
replace github.com/a/b => github.com/fork/b v1.2.4
replace example.org/local => ./local
tool golang.org/x/tools/cmd/stringer
"""
CARGO = """[package]
name = "app"
rust-version = "1.75"
[dependencies]
serde = { version = "1.0", features = ["derive"] }
own = { path = "../own" }
renamed = { package = "real-name", version = "2" }
shared = { workspace = true }
[dependencies.regex]
version = "1.10"
[dev-dependencies]
insta = "1"
[target.'cfg(unix)'.dependencies]
nix = { git = "https://github.com/nix", tag = "v1" }
[workspace.dependencies]
shared = "3.1"
"""
COMPOSER = """{
"require": {
"php": "^8.2",
"ext-gd": "*",
"laravel/framework": "^11.0"
},
"require-dev": {"phpunit/phpunit": "^11"}
}
"""
POM = """<?xml version="1.0"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>org.springframework.boot</groupId><artifactId>starter-parent</artifactId><version>3.2.0</version></parent>
  <groupId>com.acme</groupId>
  <properties><jackson.version>2.17.0</jackson.version><java.version>21</java.version></properties>
  <dependencies>
    <dependency>
      <groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-databind</artifactId>
      <version>${jackson.version}</version>
    </dependency>
    <dependency><groupId>com.acme</groupId><artifactId>own</artifactId><version>${project.version}</version></dependency>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4</version><scope>test</scope></dependency>
  </dependencies>
  <build><plugins><plugin><artifactId>maven-surefire-plugin</artifactId><version>3</version></plugin></plugins></build>
</project>
"""
GRADLE = """plugins {
    id("org.springframework.boot") version "3.2.0"
    kotlin("jvm") version "1.9.0"
}
val ktor = "2.3.0"
dependencies {
    implementation("io.ktor:ktor-server-core:$ktor")
    // implementation("gone:gone:1")
    testImplementation 'junit:junit:4.13'
    implementation platform("com.google:bom:1.0")
    api group: 'org.slf4j', name: 'slf4j-api', version: '2.0'
    implementation(project(":core"))
    implementation(libs.retrofit)
}
option("NullAway:OnlyNullMarked", "true")
"""
CATALOG = """[versions]
retrofit = "2.9.0"
[libraries]
retrofit = { module = "com.squareup.retrofit2:retrofit", version.ref = "retrofit" }
short = "com.acme:short:1.0"
[plugins]
agp = { id = "com.android.application", version = "8.1" }
"""
CSPROJ = """<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net8.0</TargetFramework><EfVersion>8.0.1</EfVersion></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Serilog" Version="3.1" />
    <PackageReference Include="EFCore"><Version>$(EfVersion)</Version></PackageReference>
    <ProjectReference Include="../Own/Own.csproj" />
  </ItemGroup>
</Project>
"""
MIX = """defmodule App.MixProject do
  def project, do: [app: :app, version: "0.1.0", elixir: "~> 1.15", deps: deps()]
  defp deps do
    [
      {:phoenix, "~> 1.7"},
      {:credo, "~> 1.7", only: [:dev, :test]},
      {:fork, github: "acme/fork", tag: "v1"},
      {:own, path: "../own"}
    ]
  end
end
"""
PUBSPEC = """name: app
environment:
  sdk: '>=3.0.0 <4.0.0'
dependencies:
  flutter:
    sdk: flutter
  http: ^1.1.0
  fork:
    git:
      url: https://github.com/acme/fork
      ref: v1
dev_dependencies:
  lints: ^3.0.0
"""
WRAPPER = "distributionBase=X\ndistributionUrl=https\\://services.gradle.org/distributions/gradle-8.5-bin.zip\n"
CHART = """name: app
dependencies:
  - name: postgresql
    version: 15.5.0
    repository: https://charts.example.org
  - name: own
    version: 1.0.0
    repository: file://../own
"""
DOCKERFILE = """# syntax=docker/dockerfile:1
ARG NODE_VERSION=20 UNUSED=1
FROM --platform=linux/amd64 node:${NODE_VERSION}-alpine AS build
FROM build AS test
COPY --from=ghcr.io/astral-sh/uv:0.4 /uv /bin/
FROM localhost:5000/base@sha256:0123456789abcdef0123
COPY --from=build /app /app
COPY --from=0 /x /x
FROM ${BASE}
FROM ruby:${RUBY_VERSION}
FROM localhost:5000/foo:${TAG}
FROM ${REGISTRY}/foo:1
FROM scratch
"""
COMPOSE = """services:
  db:
    image: postgres:${PG:-16}
  web:
    image: acme/web:latest
    build: .
  plain:
    image: redis
"""


@pytest.mark.parametrize(
    ("path", "text", "rows"),
    [
        ("go.mod", GO_MOD, [
            "3 runtime go 1.22", "4 runtime go 1.22.1 (toolchain)", "6 github.com/single/one v1.0.0",
            "8 github.com/a/b v1.2.3", "10 go.uber.org/mock v0.6.0",
            "12 github.com/a/b github.com/fork/b v1.2.4 (replace)",
            "14 golang.org/x/tools/cmd/stringer (tool)",
        ]),
        ("crates/app/Cargo.toml", CARGO, [
            "5 serde 1.0", "7 real-name 2", "8 shared workspace", "9 regex 1.10", "12 insta 1 (dev)",
            "16 shared 3.1", "14 nix git https://github.com/nix tag v1", "3 runtime rust 1.75",
        ]),
        ("composer.json", COMPOSER, [
            "3 runtime php ^8.2", "4 runtime ext-gd *", "5 laravel/framework ^11.0", "7 phpunit/phpunit ^11 (dev)",
        ]),
        ("pom.xml", POM, [
            "3 org.springframework.boot:starter-parent 3.2.0 (parent)",
            "7 com.fasterxml.jackson.core:jackson-databind 2.17.0", "12 junit:junit 4 (test)",
            "14 org.apache.maven.plugins:maven-surefire-plugin 3 (plugin)", "5 runtime java 21",
        ]),
        ("build.gradle.kts", GRADLE, [
            "2 org.springframework.boot 3.2.0 (plugin)", "3 org.jetbrains.kotlin.jvm 1.9.0 (plugin)",
            "7 io.ktor:ktor-server-core 2.3.0", "9 junit:junit 4.13 (test)", "10 com.google:bom 1.0",
            "11 org.slf4j:slf4j-api 2.0",
        ]),
        ("gradle/libs.versions.toml", CATALOG, [
            "4 com.squareup.retrofit2:retrofit 2.9.0", "5 com.acme:short 1.0",
            "7 com.android.application 8.1 (plugin)",
        ]),
        ("src/App.csproj", CSPROJ, ["4 Serilog 3.1", "5 EFCore 8.0.1", "2 runtime dotnet net8.0"]),
        ("mix.exs", MIX, [
            "2 runtime elixir ~> 1.15", "5 phoenix ~> 1.7", "6 credo ~> 1.7 (dev test)",
            "7 fork github: acme/fork tag: v1",
        ]),
        ("pubspec.yaml", PUBSPEC, [
            "7 http ^1.1.0", "9 fork https://github.com/acme/fork v1", "13 lints ^3.0.0 (dev)",
            "3 runtime dart >=3.0.0 <4.0.0",
        ]),
        ("docker/Dockerfile.prod", DOCKERFILE, [
            "3 image node 20-alpine", "5 image ghcr.io/astral-sh/uv 0.4", "6 image localhost:5000/base 0123456789ab",
            "9 image ${BASE}", "10 image ruby ${RUBY_VERSION}",
            "11 image localhost:5000/foo ${TAG}", "12 image ${REGISTRY}/foo 1",
        ]),
        ("docker-compose.dev.yml", COMPOSE, ["3 image postgres 16", "8 image redis"]),
        ("charts/app/Chart.yaml", CHART, ["3 postgresql 15.5.0"]),
        (".nvmrc", "v20.11.0\n", ["1 runtime node 20.11.0"]),
        (".ruby-version", "ruby-3.3.1\n", ["1 runtime ruby 3.3.1"]),
        (".python-version", "3.12.1\n3.11.7\n", ["1 runtime python 3.12.1, 3.11.7"]),
        ("runtime.txt", "python-3.11.7\n", ["1 runtime python 3.11.7"]),
        (".tool-versions", "# tools\nnodejs 20.1.0\nruby 3.3.1 system\n", [
            "2 runtime node 20.1.0", "3 runtime ruby 3.3.1 system",
        ]),
        ("mise.toml", '[tools]\nnode = "20"\nterraform = {version = "1.7"}\n', [
            "2 runtime node 20", "3 runtime terraform 1.7",
        ]),
        ("rust-toolchain", "1.75.0\n", ["1 runtime rust 1.75.0"]),
        ("rust-toolchain", '[toolchain]\nchannel = "nightly"\n', ["2 runtime rust nightly"]),
        ("rust-toolchain.toml", '[toolchain]\nchannel = "1.75"\n', ["2 runtime rust 1.75"]),
        ("global.json", '{"sdk": {"version": "8.0.100"}}', ["1 runtime dotnet 8.0.100"]),
        ("gradle/wrapper/gradle-wrapper.properties", WRAPPER, ["2 runtime gradle 8.5"]),
        (".sdkmanrc", "# sdk\njava=21-tem\n", ["2 runtime java 21-tem"]),
    ],
)  # fmt: skip
def test_manifests(path: str, text: str, rows: list[str]) -> None:
    assert asked(path, text) == rows
    assert asked(path, text.replace("\n", "\r\n")) == rows
    assert asked(path, "") == []


CARGO_LOCK = "".join(
    f'[[package]]\nname = "{name}"\nversion = "{version}"\n{source}\n'
    for name, version, source in [
        ("serde", "1.0.200", 'source = "x"\n'),
        ("rand", "0.8.5", 'source = "x"\n'),
        ("rand", "0.7.3", 'source = "x"\n'),
        ("app", "0.1.0", ""),
    ]
)
COMPOSER_LOCK = """{
  "packages": [{"name": "laravel/framework", "version": "v11.1"}],
  "packages-dev": [{"name": "a/b", "version": "1"}]
}"""
NUGET_LOCK = """{"dependencies": {"net8.0": {
  "A": {"type": "Direct", "resolved": "1.0"},
  "B": {"type": "Transitive", "resolved": "2"}
}}}"""
MIX_LOCK = """%{
  "plug": {:hex, :plug, "1.15.0", "x", [:mix]},
  "fork": {:git, "https://example.org/fork", "abcdef0123", []},
}
"""
PUBSPEC_LOCK = """packages:
  http:
    dependency: "direct main"
    version: "1.1.0"
  path:
    dependency: transitive
    version: "1.8"
"""


@pytest.mark.parametrize(
    ("path", "text", "wanted", "versions"),
    [
        (
            "Cargo.lock",
            CARGO_LOCK,
            {"serde": "1.0", "rand": "0.8", "app": "0"},
            {"serde": "1.0.200", "rand": "0.8.5"},
        ),
        ("composer.lock", COMPOSER_LOCK, {"laravel/framework": "^11"}, {"laravel/framework": "v11.1"}),
        ("packages.lock.json", NUGET_LOCK, {}, {"A": "1.0"}),
        ("mix.lock", MIX_LOCK, {"plug": "~> 1", "fork": ""}, {"plug": "1.15.0", "fork": "abcdef0"}),
        ("Chart.lock", CHART, {}, {"postgresql": "15.5.0", "own": "1.0.0"}),
        ("pubspec.lock", PUBSPEC_LOCK, {}, {"http": "1.1.0"}),
    ],
)
def test_lock_files(path: str, text: str, wanted: dict[str, str], versions: dict[str, str]) -> None:
    assert resolved(path, text, wanted) == versions
    assert resolved(path, "", wanted) == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pom.xml", "<project><dependency>"),
        ("pom.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><project>&a;</project>'),
        ("pom.xml", "<a>" * 5_000),
        ("Cargo.toml", "[package\n"),
        ("docker-compose.yml", "a: [\n"),
        ("docker-compose.yml", "a: &a [*a, {{ x }}]\n- b"),
        ("pubspec.yaml", "\tx: 1"),
        ("composer.json", "{"),
        ("mix.exs", "defmodule X do\n  defp deps do [ {:a, \n"),
    ],
)
def test_what_does_not_parse_is_named(path: str, text: str) -> None:
    with pytest.raises(UnreadableError):
        asked(path, text)


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "node_modules/a/package.json",
        "vendor/x/go.mod",
        "Dockerfile.md",
        "a/requirements.md",
        "my-package.json",
    ],
)
def test_what_is_no_manifest(path: str) -> None:
    assert manifest_of(path) is None


def test_lock_files_in_other_peoples_code_are_none() -> None:
    assert lock_of("vendor/x/Gemfile.lock") is None
    assert lock_of("Gemfile.lock") is not None
