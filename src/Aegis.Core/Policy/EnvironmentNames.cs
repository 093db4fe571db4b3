using System.Collections.Immutable;

namespace Aegis.Core.Policy;

/// <summary>Variables by which a program loads code or runs another program: whoever sets one gets round the
/// allow list without naming a command.</summary>
public static class EnvironmentNames
{
    private static readonly ImmutableArray<(string Name, string Reason)> Denied =
    [
        ("AEGIS_*", "the engine sets it"),
        ("LD_*", "it loads code into every program"),
        ("GLIBC_TUNABLES", "it changes how every program is loaded"),
        ("PATH", "it decides which program a name means"),
        ("HOME", "programs take their settings from it"),
        ("XDG_*", "programs take their settings from it"),
        ("CDPATH", "it decides where cd leads"),
        ("IFS", "it changes how the shell cuts words"),
        ("ENV", "a shell runs the file it names"),
        ("BASH_ENV", "bash runs the file it names"),
        ("BASH_FUNC_*", "bash takes functions from it"),
        ("BASHOPTS", "it changes the shell's grammar"),
        ("SHELLOPTS", "it changes the shell's grammar"),
        ("PROMPT_COMMAND", "bash runs it"),
        ("PS4", "bash expands it, commands included"),
        ("SHELL", "programs run it"),
        ("EDITOR", "programs run it"),
        ("VISUAL", "programs run it"),
        ("PAGER", "programs run it"),
        ("BROWSER", "programs run it"),
        ("LESSOPEN", "less runs it"),
        ("LESSCLOSE", "less runs it"),
        ("GIT_SSH", "git runs it"),
        ("GIT_SSH_COMMAND", "git runs it"),
        ("GIT_EXEC_PATH", "git takes its programs from it"),
        ("GIT_CONFIG*", "git's settings can name programs"),
        ("GIT_EXTERNAL_DIFF", "git runs it"),
        ("GIT_PAGER", "git runs it"),
        ("GIT_EDITOR", "git runs it"),
        ("GIT_SEQUENCE_EDITOR", "git runs it"),
        ("GIT_ASKPASS", "git runs it"),
        ("GIT_PROXY_COMMAND", "git runs it"),
        ("GIT_TEMPLATE_DIR", "git takes hooks from it"),
        ("GIT_DIR", "git takes settings and hooks from it"),
        ("GIT_COMMON_DIR", "git takes settings and hooks from it"),
        ("GIT_ALLOW_PROTOCOL", "it lets git run transport programs"),
        ("SSH_ASKPASS", "ssh runs it"),
        ("SUDO_ASKPASS", "sudo runs it"),
        ("NODE_OPTIONS", "node loads code by it"),
        ("NODE_REPL_EXTERNAL_MODULE", "node loads code by it"),
        ("npm_config_*", "npm's settings can name programs"),
        ("YARN_*", "yarn's settings can name programs"),
        ("PYTHONSTARTUP", "python runs the file it names"),
        ("PYTHONHOME", "python takes its library from it"),
        ("PYTHONINSPECT", "python reads code from its input"),
        ("PERL5OPT", "perl loads code by it"),
        ("PERL5LIB", "perl takes its library from it"),
        ("PERL5DB", "perl runs it"),
        ("RUBYOPT", "ruby loads code by it"),
        ("RUBYLIB", "ruby takes its library from it"),
        ("JAVA_TOOL_OPTIONS", "java loads agents by it"),
        ("_JAVA_OPTIONS", "java loads agents by it"),
        ("JDK_JAVA_OPTIONS", "java loads agents by it"),
        ("MAVEN_OPTS", "java loads agents by it"),
        ("GRADLE_OPTS", "java loads agents by it"),
        ("MAKEFLAGS", "make takes options from it"),
        ("GNUMAKEFLAGS", "make takes options from it"),
        ("MAKEFILES", "make reads the files it names"),
        ("TAR_OPTIONS", "tar runs programs by its options"),
        ("RSYNC_RSH", "rsync runs it"),
        ("RIPGREP_CONFIG_PATH", "rg runs programs by its options"),
        ("DOTNET_STARTUP_HOOKS", "dotnet loads code by it"),
        ("CORECLR_*", "dotnet loads profilers by it"),
        ("RUSTC_WRAPPER", "cargo runs it"),
        ("CARGO_*", "cargo's settings can name programs"),
        ("GOFLAGS", "go runs programs by its flags"),
        ("AEGIS_*", "it is the engine's own"),
    ];

    /// <summary>Why a workflow may not set the variable, or null where it may. Case does not
    /// matter.</summary>
    public static string? WhyDenied(string name)
    {
        foreach (var (denied, reason) in Denied)
        {
            var matches = denied[^1] == '*'
                ? name.StartsWith(denied[..^1], StringComparison.OrdinalIgnoreCase)
                : string.Equals(name, denied, StringComparison.OrdinalIgnoreCase);
            if (matches)
            {
                return reason;
            }
        }
        return null;
    }
}
