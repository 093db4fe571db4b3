namespace Aegis.Sandbox;

/// <summary>What sandboxes see of the host's /etc: a copy, with users and hosts of their own.</summary>
internal static class EtcView
{
    /// <summary>None of it is private (of Maven's folder not settings.xml, which may hold
    /// passwords).</summary>
    public static readonly string[] Shown =
    [
        "alternatives", "ca-certificates", "debian_version", "dotnet", "fonts", "java-17-openjdk",
        "java-21-openjdk", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "lsb-release", "magic",
        "maven/logging", "maven/m2.conf", "mime.types", "nsswitch.conf", "os-release",
        "perl", "protocols", "python3", "python3.11", "python3.12", "services",
        "ssl/certs", "ssl/openssl.cnf", "terminfo", "timezone",
    ];

    /// <summary>Arguments: the folder to make, then what is shown of /etc. What can't be read is left out.
    /// </summary>
    public const string Script = """
        to=$1; shift
        mkdir "$to" && cd /etc || exit 1
        for name; do
          [ ! -e "$name" ] || cp -R -P --parents --preserve=mode,timestamps,links -- "$name" "$to" 2>/dev/null
        done
        echo 'root:x:0:0:root:/root:/usr/sbin/nologin
        aegis:x:1000:1000:aegis:/tmp/home:/bin/sh
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin' > "$to/passwd"
        echo 'root:x:0:
        aegis:x:1000:
        nogroup:x:65534:' > "$to/group"
        echo '127.0.0.1 localhost
        ::1 localhost' > "$to/hosts"
        chmod 444 "$to/passwd" "$to/group" "$to/hosts"
        """;

    /// <summary>Changes when an installed or removed package changed one of these: programs are named by
    /// alternatives, libraries found by the loader's cache, certificates trusted. Never 0.</summary>
    public static long Stamp()
    {
        var hash = new HashCode();
        foreach (var path in (string[])["/etc", "/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl/certs",
            "/etc/localtime"])
        {
            hash.Add(Directory.Exists(path) ? Directory.GetLastWriteTimeUtc(path).Ticks
                : File.GetLastWriteTimeUtc(path).Ticks);
        }
        return (1L << 32) | (uint)hash.ToHashCode();
    }
}
