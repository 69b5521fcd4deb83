# fish completion for majlis: the program itself knows what may stand here.
function __majlis_offers
    set -l words (commandline -opc) (commandline -ct)
    set -l offers (command $words[1] __complete -- $words[2..-1] 2>/dev/null)
    for offer in $offers
        if test "$offer" = @files
            __fish_complete_path (commandline -ct)
        else
            echo $offer
        end
    end
end
complete -c majlis -f -a '(__majlis_offers)'
