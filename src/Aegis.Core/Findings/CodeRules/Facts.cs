namespace Aegis.Core.Findings.CodeRules;

/// <summary>What is known of a value by looking at how it is written.</summary>
[Flags]
internal enum Facts
{
    None = 0,

    /// <summary>Some of it is a string of the program's own.</summary>
    Text = 1,

    /// <summary>Some of that reads as SQL.</summary>
    Sql = 2,

    /// <summary>Some of that reads as HTML.</summary>
    Html = 4,

    /// <summary>Some of it is not written in the program.</summary>
    Unknown = 8,

    /// <summary>A string was put together with something unknown.</summary>
    Built = 16,

    /// <summary>Some of it comes from a request, and nothing has tamed it. Who may write a command line may
    /// open files and addresses anyway.</summary>
    Request = 32,

    /// <summary>It is a function: the rest is known of what it gives back.</summary>
    Function = 64,
}
