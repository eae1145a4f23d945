# Asks the server that runs in this worktree, as hooksocket.py does: Perl has asked before Python has started, and an
# agent waits for that twice with each command. Whatever is out of the ordinary is left to the Python program.
#
# usage: perl ask.pl <directory> <how many words start the Python program> <those words> <its arguments>
use strict;
my ($seconds, $longest, $most) = (45, 100, 64 << 20);
my $patience = 2;    # for a server that listens: one that does not take us in by then is stuck
my $begun = time;
my $here = shift @ARGV;
my @instead = splice @ARGV, 0, shift @ARGV;
my ($data, $said) = (undef, '');

# Starts the Python program in our place. What was read already, it reads again.
sub give_up {
    alarm 0;
    if (defined $data) {
        open(my $again, '+>', undef) or exit 1;
        print {$again} $data;
        seek($again, 0, 0) or exit 1;
        open(STDIN, '<&', $again) or exit 1;
    }
    # It has the time that is left, not all of it again: a hook that its client kills lets the command run.
    unshift @ARGV, "--begun=$begun" if time > $begun;
    { exec { $instead[0] } @instead, @ARGV }
    print STDERR "safe-rollback: $instead[0]: $!\n";
    exit 1;
}

sub socket_path {
    my $folder = $here;
    until (-l "$folder/.git" or -e _) {
        $folder =~ s{/+[^/]*$}{}s or return;
    }
    my ($git, $name) = ("$folder/.git", "main");
    if (-f $git) {
        open(my $file, '<', $git) or return;
        read($file, my $text, 4096) or return;
        $text =~ s/^gitdir: //;
        $text =~ s/^\s+|\s+$//g;
        $text = "$folder/$text" unless $text =~ m{^/};
        ($git, $name) = $text =~ m{^(.*)/worktrees/([^/]+)$}s or return;
    }
    my $path = "$git/safe-rollback/worktrees/$name/hook.sock";
    return length($path) <= $longest && -S $path ? $path : undef;
}

sub passed_on {
    return $_[0] =~ /^(?:HOME$|TMPDIR$|TMP$|TEMP$
        |GIT_|SAFE_ROLLBACK_|CLAUDECODE|CLAUDE_CODE|CODEX_|GEMINI_CLI|CURSOR_|OPENCODE)/x;
}

give_up() if !@ARGV or $ARGV[0] =~ /^-/ or $here !~ m{^/};
my $path = socket_path() // give_up();
local $SIG{PIPE} = 'IGNORE';
local $SIG{ALRM} = \&give_up;
socket(my $server, 1, 1, 0) or give_up();
# An address begins with its family; BSD's, macOS' among them, with its length before that.
my $address = $^O eq 'linux' ? pack('S a*', 1, "$path\0") : pack('C C a*', length($path) + 3, 1, "$path\0");
# Where its queue is full, this would wait for ever.
alarm $patience;
connect($server, $address) or give_up();
alarm $seconds;

binmode $_ for *STDIN, *STDOUT, *STDERR, $server;
$data = '';
1 while sysread(STDIN, $data, 1 << 16, length $data);
my @fields = ($here, $data, scalar @ARGV, @ARGV, map { "$_=$ENV{$_}" } grep { passed_on($_) } keys %ENV);
my $message = join('', scalar(@fields), "\n", map { (length, "\n", $_) } @fields);
for (my $sent = 0; $sent < length $message;) {
    $sent += syswrite($server, $message, 1 << 20, $sent) // give_up();
}

# At least so many bytes of the answer.
sub need {
    my ($size) = @_;
    while (length $said < $size) {
        sysread($server, $said, 1 << 16, length $said) or give_up();
    }
}

sub number {
    until ($said =~ /\n/) {
        give_up() if length $said > 24;
        need(1 + length $said);
    }
    $said =~ s/^([0-9]{1,9})\n// or give_up();
    return $1;
}

sub field {
    my $size = number();
    give_up() if $size > $most;
    need($size);
    return substr($said, 0, $size, '');
}

give_up() unless number() == 3;
my ($out, $err, $code) = (field(), field(), field());
give_up() unless $code =~ /^[0-9]{1,3}$/;
alarm 0;
print STDOUT $out;
print STDERR $err;
close STDOUT or exit 1;
exit $code;
