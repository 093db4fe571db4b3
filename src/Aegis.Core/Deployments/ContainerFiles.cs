using System.Collections.Immutable;
using System.Globalization;

namespace Aegis.Core.Deployments;

/// <summary>The images that Dockerfiles begin from; a project pins its own, with a digest.</summary>
/// <param name="Build">Where it is built.</param>
/// <param name="Run">Where it runs.</param>
public sealed record BaseImages(string Build, string Run)
{
    public static BaseImages Of(ProjectFacts facts) => facts.Kind switch
    {
        ProjectKind.Node => Same($"node:{facts.Version ?? "22"}-slim"),
        ProjectKind.Python => Same($"python:{facts.Version ?? "3.12"}-slim"),
        ProjectKind.Dotnet => new($"mcr.microsoft.com/dotnet/sdk:{facts.Version ?? "10.0"}",
            $"mcr.microsoft.com/dotnet/aspnet:{facts.Version ?? "10.0"}"),
        _ => new("node:22-slim", "nginxinc/nginx-unprivileged:1.27-alpine"),
    };

    private static BaseImages Same(string image) => new(image, image);
}

/// <summary>Makes a Dockerfile, what it leaves out, and a compose file from a project's facts.</summary>
public static class ContainerFiles
{
    public const int Port = 8_080;
    private const string User = "10001";

    public static string Dockerfile(ProjectFacts facts, BaseImages images) => facts.Kind switch
    {
        ProjectKind.Node => Node(facts, images),
        ProjectKind.Python => Python(facts, images),
        ProjectKind.Dotnet => Dotnet(facts, images),
        _ => Pages(facts, images),
    };

    public static string Ignore(ProjectFacts facts) => string.Join('\n',
    [
        ".git", ".gitignore", ".github", ".env", ".env.*", "!.env.example", "Dockerfile", "compose.yaml",
        ".dockerignore", "*.pem", "*.key", "*.log",
        .. facts.Kind switch
        {
            ProjectKind.Node => new[] { "node_modules", "coverage", "test", "tests" },
            ProjectKind.Python => ["__pycache__", "*.pyc", ".venv", "tests"],
            ProjectKind.Dotnet => ["**/bin", "**/obj", "tests"],
            _ => ["node_modules"],
        },
    ]) + "\n";

    /// <summary>One service, with what the Dockerfile cannot say: limits, and a file system that is not
    /// written to.</summary>
    public static string Compose(string name, ProjectFacts facts) => $"""
        services:
          {name}:
            build: .
            image: {name}:{"${TAG:-dev}"}
            env_file:
              - path: .env
                required: false
            environment:
              PORT: "{Number(Port)}"
            ports:
              - "127.0.0.1:{Number(Port)}:{Number(Port)}"
            read_only: true
            tmpfs:
              - /tmp
            cap_drop:
              - ALL
            security_opt:
              - no-new-privileges:true
            mem_limit: 512m
            pids_limit: 256
            restart: unless-stopped
            healthcheck:
              test: {HealthTest(facts)}
              interval: 10s
              timeout: 3s
              retries: 3

        """;

    private static string Node(ProjectFacts facts, BaseImages images) => $"""
        # syntax=docker/dockerfile:1
        FROM {images.Build} AS build
        WORKDIR /app
        {(facts.HasLock ? "COPY package.json package-lock.json ./\nRUN npm ci --ignore-scripts"
            : "COPY package.json ./\nRUN npm install --ignore-scripts --no-audit --no-fund")}
        COPY . .
        {(facts.Build is { } build ? $"RUN {build} && npm prune --omit=dev"
            : "RUN npm prune --omit=dev")}

        FROM {images.Run}
        ENV NODE_ENV=production PORT={Number(Port)}
        WORKDIR /app
        COPY --from=build --chown={User}:{User} /app ./
        USER {User}:{User}
        EXPOSE {Number(Port)}
        HEALTHCHECK --interval=10s --timeout=3s --retries=3 CMD {HealthTest(facts)}
        CMD ["node", "{Entry(facts, "server.js")}"]

        """;

    private static string Python(ProjectFacts facts, BaseImages images) => $"""
        # syntax=docker/dockerfile:1
        FROM {images.Build} AS build
        WORKDIR /app
        RUN python3 -m venv /venv
        {(facts.Has("requirements.txt")
            ? "COPY requirements.txt ./\nRUN /venv/bin/pip install --no-cache-dir -r requirements.txt"
            : facts.Has("pyproject.toml") ? "COPY . .\nRUN /venv/bin/pip install --no-cache-dir ."
            : "# no dependencies beyond the standard library")}

        FROM {images.Run}
        ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT={Number(Port)}
        WORKDIR /app
        COPY --from=build /venv /venv
        COPY --chown={User}:{User} . .
        USER {User}:{User}
        EXPOSE {Number(Port)}
        HEALTHCHECK --interval=10s --timeout=3s --retries=3 CMD {HealthTest(facts)}
        CMD ["python3", "{Entry(facts, "app.py")}"]

        """;

    private static string Dotnet(ProjectFacts facts, BaseImages images)
    {
        var name = facts.Entry[(facts.Entry.LastIndexOf('/') + 1)..^".csproj".Length];
        return $"""
            # syntax=docker/dockerfile:1
            FROM {images.Build} AS build
            WORKDIR /src
            COPY . .
            RUN dotnet publish {facts.Entry} -c Release -o /app --nologo

            FROM {images.Run}
            ENV ASPNETCORE_HTTP_PORTS={Number(Port)} PORT={Number(Port)}
            WORKDIR /app
            COPY --from=build --chown={User}:{User} /app ./
            USER {User}:{User}
            EXPOSE {Number(Port)}
            HEALTHCHECK --interval=10s --timeout=3s --retries=3 CMD {HealthTest(facts)}
            ENTRYPOINT ["dotnet", "{name}.dll"]

            """;
    }

    private static string Pages(ProjectFacts facts, BaseImages images)
    {
        var from = facts.Entry is "" or "." ? "." : facts.Entry;
        var built = facts.Build is null ? "" : $"""
            FROM {images.Build} AS build
            WORKDIR /src
            COPY . .
            RUN npm {(facts.HasLock ? "ci" : "install")} --ignore-scripts && {facts.Build}

            """;
        var pages = facts.Build is null ? from : $"--from=build /src/{from}";
        return $"""
            # syntax=docker/dockerfile:1
            {built}FROM {images.Run}
            COPY {pages} /usr/share/nginx/html
            USER 101:101
            EXPOSE {Number(Port)}
            HEALTHCHECK --interval=10s --timeout=3s --retries=3 CMD {HealthTest(facts)}

            """;
    }

    /// <summary>A command that every image of that kind has, as a list of words.</summary>
    private static string HealthTest(ProjectFacts facts)
    {
        var path = facts.Health ?? (facts.Kind == ProjectKind.Static ? "/" : "/health");
        var url = $"http://127.0.0.1:{Number(Port)}{path}";
        ImmutableArray<string> words = facts.Kind switch
        {
            ProjectKind.Node =>
                ["node", "-e", $"fetch('{url}').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"],
            ProjectKind.Python =>
                ["python3", "-c", $"import urllib.request as u;u.urlopen('{url}',timeout=2)"],
            ProjectKind.Dotnet => ["bash", "-c", $"exec 3<>/dev/tcp/127.0.0.1/{Number(Port)} && "
                + $"echo 'GET {path} HTTP/1.0' >&3 && echo >&3 && head -1 <&3 | grep -q ' 2'"],
            _ => ["wget", "-q", "-O", "/dev/null", url],
        };
        return $"[{string.Join(", ", words.Select(w => $"\"{w}\""))}]";
    }

    private static string Entry(ProjectFacts facts, string fallback) =>
        facts.Entry.Length == 0 ? fallback : facts.Entry;

    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
}
